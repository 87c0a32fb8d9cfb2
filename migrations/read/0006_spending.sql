-- A location's time zone is any text that its source holds; what is no zone's name would fail the whole statement.
CREATE FUNCTION "known_time_zone"(name text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
	PERFORM now() AT TIME ZONE name;
	RETURN name;
EXCEPTION
	WHEN invalid_parameter_value THEN RETURN 'UTC';
END $$;
