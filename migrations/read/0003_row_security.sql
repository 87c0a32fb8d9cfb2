-- The second wall between tenants: who reads as purchase_timeline_api gets the rows of the tenant that the statement
-- names in pt.business_id, and none without a name (docs/SECURITY.md). Roles belong to the server, not to the database.
DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'purchase_timeline_api') THEN
		CREATE ROLE purchase_timeline_api NOLOGIN;
	END IF;
EXCEPTION
	WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server is migrated at this moment
	WHEN insufficient_privilege THEN
		RAISE EXCEPTION 'the role purchase_timeline_api is not there, and % may not make it: a superuser must CREATE ROLE purchase_timeline_api NOLOGIN', current_user;
END $$;
--> statement-breakpoint
CREATE TABLE "token_revocation" (
	"business_id" uuid NOT NULL,
	"employee_id" uuid,
	"issued_before" timestamp (6) with time zone NOT NULL,
	CONSTRAINT "token_revocation_key" UNIQUE NULLS NOT DISTINCT("business_id","employee_id")
);
--> statement-breakpoint
ALTER VIEW "public"."customer_product_stats" SET (security_invoker = true);
--> statement-breakpoint
ALTER VIEW "public"."read_model" SET (security_invoker = true);
--> statement-breakpoint
-- Forced, so that it binds the owner as well, who has a policy of its own: the projector, and whoever verifies or mends.
-- Partitions are reached through these tables alone: the API has no right to the schemas of generations.
DO $$
DECLARE
	name text;
BEGIN
	FOREACH name IN ARRAY ARRAY['purchase_timeline', 'customer_metrics', 'customer_card', 'location_card', 'employee_card', 'token_revocation'] LOOP
		EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
		EXECUTE format('CREATE POLICY owner ON public.%I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
		-- A setting of an earlier statement leaves an empty text behind, not a null.
		EXECUTE format('CREATE POLICY tenant ON public.%I FOR SELECT TO purchase_timeline_api
			USING (business_id = (SELECT nullif(current_setting(''pt.business_id'', true), '''')::uuid))', name);
		EXECUTE format('GRANT SELECT ON public.%I TO purchase_timeline_api', name);
	END LOOP;
	FOREACH name IN ARRAY ARRAY['projection_checkpoint', 'position_base'] LOOP
		EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
		EXECUTE format('CREATE POLICY owner ON public.%I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
		EXECUTE format('CREATE POLICY everybody ON public.%I FOR SELECT TO purchase_timeline_api USING (true)', name);
	END LOOP;
END $$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO purchase_timeline_api;
--> statement-breakpoint
GRANT SELECT ON read_model, customer_product_stats, position_base TO purchase_timeline_api;
--> statement-breakpoint
GRANT SELECT (source_id, serving, phase, applied_lsn, committed_at) ON projection_checkpoint TO purchase_timeline_api;
--> statement-breakpoint
-- Row security lets a condition into an index only if its functions are leakproof, and those of a search are not: a
-- search under it would read all customers of the tenant. So the ids, and nothing else, are found by the owner, for the
-- tenant of pt.business_id; what they stand for is read under row security like everything else. The only function here
-- that runs with its owner's rights. Its body is parsed now: no search_path can make it mean something else.
CREATE FUNCTION "search_customer_ids"(ref text, phone_ends text[], words text, at_most integer)
RETURNS TABLE (customer_id uuid, rank integer)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
	(SELECT c.customer_id, CASE WHEN lower(c.external_ref) = lower(ref) THEN 0 ELSE 1 END
		FROM public.customer_card c
		WHERE c.business_id = (SELECT nullif(current_setting('pt.business_id', true), '')::uuid)
			AND lower(c.external_ref) ~>=~ lower(ref) AND lower(c.external_ref) ~<~ (lower(ref) || chr(1114111))
		ORDER BY lower(c.external_ref) USING ~<~
		LIMIT at_most)
	UNION ALL
	SELECT found.customer_id, 2
		FROM unnest(phone_ends) AS ending CROSS JOIN LATERAL (
			SELECT c.customer_id FROM public.customer_card c
			WHERE c.business_id = (SELECT nullif(current_setting('pt.business_id', true), '')::uuid)
				AND reverse(regexp_replace(c.phone, '\D', '', 'g')) ~>=~ ending
				AND reverse(regexp_replace(c.phone, '\D', '', 'g')) ~<~ (ending || ':')
			LIMIT at_most) found
	UNION ALL
	(SELECT c.customer_id, 3
		FROM public.customer_card c
		WHERE c.business_id = (SELECT nullif(current_setting('pt.business_id', true), '')::uuid)
			AND to_tsvector('simple', c.name) @@ to_tsquery('simple', words)
		ORDER BY c.name, c.customer_id
		LIMIT at_most);
END;
--> statement-breakpoint
REVOKE ALL ON FUNCTION search_customer_ids FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION search_customer_ids TO purchase_timeline_api;
