-- As before (0003_merge_rules.sql), but who is erased is locked with all predecessors as tills lock them: from the id
-- that a till knows towards the survivor. The other way round the two would wait for each other, and Postgres
-- might end the till's transaction.
CREATE OR REPLACE FUNCTION customer_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  survivor record;
  reason text;
  person_ids uuid[];
  person_id uuid;
BEGIN
  IF tg_op = 'INSERT' THEN
    IF EXISTS (SELECT FROM public.customer_erasure WHERE customer_id = new.id) THEN
      RAISE EXCEPTION 'customer % was erased, and nobody comes back under that id', new.id
        USING ERRCODE = '23514', CONSTRAINT = 'erased';
    END IF;
  ELSIF old.status = 'erased' THEN
    IF new.status <> 'erased' OR coalesce(new.name, new.phone, new.email, new.external_ref) IS NOT NULL THEN
      RAISE EXCEPTION 'customer % was erased, and stays so', new.id
        USING ERRCODE = '23514', CONSTRAINT = 'erased';
    END IF;
    RETURN new;
  END IF;

  IF new.status = 'erased' THEN
    new.name := null;
    new.phone := null;
    new.email := null;
    new.external_ref := null;
    new.merged_into_id := null;
    WITH RECURSIVE person AS (
      SELECT new.id, 0 AS depth
      UNION ALL
      SELECT c.id, depth + 1 FROM person JOIN public.customer c ON c.merged_into_id = person.id)
    SELECT array_agg(person.id ORDER BY depth DESC, person.id) INTO person_ids FROM person;
    FOREACH person_id IN ARRAY person_ids LOOP
      PERFORM FROM public.customer WHERE id = person_id FOR UPDATE;
    END LOOP;
    RETURN new;
  END IF;

  IF new.status <> 'merged' OR (
    tg_op = 'UPDATE' AND old.status = 'merged' AND new.merged_into_id = old.merged_into_id
  ) THEN
    RETURN new;
  END IF;
  IF new.merged_into_id = new.id THEN
    RAISE EXCEPTION 'customer % cannot be merged into itself', new.id
      USING ERRCODE = '23514', CONSTRAINT = 'into-itself';
  END IF;
  IF tg_op = 'UPDATE' AND old.status <> 'active' THEN
    reason := CASE old.status WHEN 'merged' THEN 'already-merged' ELSE old.status END;
    RAISE EXCEPTION 'customer % is % and cannot be merged', new.id, old.status
      USING ERRCODE = '23514', CONSTRAINT = reason;
  END IF;
  PERFORM FROM public.customer WHERE id = new.id FOR UPDATE;
  SELECT status, business_id INTO survivor
    FROM public.customer WHERE id = new.merged_into_id FOR NO KEY UPDATE;
  IF survivor.business_id IS DISTINCT FROM new.business_id THEN
    RAISE EXCEPTION 'the business has no customer % to merge into', new.merged_into_id
      USING ERRCODE = '23514', CONSTRAINT = 'customer-not-found';
  ELSIF survivor.status <> 'active' THEN
    reason := CASE survivor.status WHEN 'merged' THEN 'target-merged' ELSE survivor.status END;
    RAISE EXCEPTION 'customer % is %: nobody can be merged into it', new.merged_into_id, survivor.status
      USING ERRCODE = '23514', CONSTRAINT = reason;
  END IF;
  RETURN new;
END $$;
