-- What merges and erasures promise, whoever writes: the commands of `src/command`, a till's own SQL, or a
-- till that was offline. docs/MERGES.md says why each rule is as it is.
--
-- A refusal is SQLSTATE 23514; its constraint name is the reason, as the commands give it.

-- One customer can be merged into another when both are active, of one business, and not the same; who
-- was erased stays so. The row that goes is locked against new purchases (a purchase locks its customer
-- FOR KEY SHARE), the row that stays only against being merged or erased itself. Of two merges that
-- would close a cycle the second finds the first one done, or Postgres finds a deadlock and ends one.
CREATE FUNCTION customer_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  survivor record;
  reason text;
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
    PERFORM FROM public.customer WHERE id = new.id FOR UPDATE;
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
END $$;--> statement-breakpoint
CREATE TRIGGER customer_guard
  BEFORE INSERT OR UPDATE OF status, merged_into_id, name, phone, email, external_ref ON "customer"
  FOR EACH ROW EXECUTE FUNCTION customer_guard();--> statement-breakpoint

-- A customer who is merged or erased owns no purchases: they follow in the same transaction.
CREATE FUNCTION customer_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.status = 'merged' THEN
    UPDATE public.sale SET customer_id = new.merged_into_id WHERE customer_id = new.id;
    UPDATE public."order" SET customer_id = new.merged_into_id WHERE customer_id = new.id;
    RETURN null;
  END IF;
  -- Nothing is left that says whose they were: neither a merge's reason nor its ledger.
  WITH
    sales AS (UPDATE public.sale SET customer_id = null WHERE customer_id = new.id RETURNING id),
    orders AS (UPDATE public."order" SET customer_id = null WHERE customer_id = new.id RETURNING id)
  DELETE FROM public.customer_merge_purchase
    WHERE purchase_id IN (SELECT id FROM sales UNION ALL SELECT id FROM orders);
  WITH merges AS (
    UPDATE public.customer_merge SET reason = null
    WHERE new.id IN (from_customer_id, into_customer_id) RETURNING id)
  DELETE FROM public.customer_merge_purchase WHERE merge_id IN (SELECT id FROM merges);
  INSERT INTO public.customer_erasure (customer_id, business_id)
    VALUES (new.id, new.business_id) ON CONFLICT DO NOTHING;
  UPDATE public.customer SET status = 'erased' WHERE merged_into_id = new.id;
  RETURN null;
END $$;--> statement-breakpoint
CREATE TRIGGER customer_gone
  AFTER UPDATE OF status ON "customer"
  FOR EACH ROW WHEN (new.status IN ('merged', 'erased') AND old.status <> new.status)
  EXECUTE FUNCTION customer_gone();--> statement-breakpoint

-- A purchase that is written for a merged customer belongs to the survivor, and one for an erased customer
-- to nobody: a till that was offline must not fail. The lock is the one that the foreign key takes anyway,
-- only earlier: a merge or an erasure that runs at the same time is waited for, and then seen.
CREATE FUNCTION purchase_owner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner_status text;
  survivor_id uuid;
BEGIN
  LOOP
    SELECT status, merged_into_id INTO owner_status, survivor_id
      FROM public.customer WHERE id = new.customer_id FOR KEY SHARE;
    -- One who is not there is the foreign key's to refuse.
    EXIT WHEN NOT FOUND OR owner_status NOT IN ('merged', 'erased');
    new.customer_id := survivor_id;
  END LOOP;
  RETURN new;
END $$;--> statement-breakpoint
CREATE TRIGGER purchase_owner
  BEFORE INSERT OR UPDATE OF customer_id ON "sale"
  FOR EACH ROW WHEN (new.customer_id IS NOT NULL) EXECUTE FUNCTION purchase_owner();--> statement-breakpoint
CREATE TRIGGER purchase_owner
  BEFORE INSERT OR UPDATE OF customer_id ON "order"
  FOR EACH ROW WHEN (new.customer_id IS NOT NULL) EXECUTE FUNCTION purchase_owner();--> statement-breakpoint

-- What was written before there were rules is brought under them.
WITH RECURSIVE gone AS (
  SELECT id FROM "customer" WHERE status = 'erased'
  UNION SELECT c.id FROM "customer" c JOIN gone ON c.merged_into_id = gone.id)
UPDATE "customer" SET status = 'erased' WHERE id IN (SELECT id FROM gone) AND status <> 'erased';--> statement-breakpoint
INSERT INTO "customer_erasure" (customer_id, business_id)
  SELECT id, business_id FROM "customer" WHERE status = 'erased' ON CONFLICT DO NOTHING;--> statement-breakpoint
UPDATE "sale" SET customer_id = customer_id WHERE customer_id IN (SELECT id FROM "customer" WHERE status IN ('merged', 'erased'));--> statement-breakpoint
UPDATE "order" SET customer_id = customer_id WHERE customer_id IN (SELECT id FROM "customer" WHERE status IN ('merged', 'erased'));--> statement-breakpoint
DELETE FROM "customer_merge_purchase" WHERE merge_id IN (
  SELECT m.id FROM "customer_merge" m JOIN "customer" c ON c.id IN (m.from_customer_id, m.into_customer_id)
  WHERE c.status = 'erased');--> statement-breakpoint
UPDATE "customer_merge" SET reason = null WHERE reason IS NOT NULL AND EXISTS (
  SELECT FROM "customer" c WHERE c.id IN (from_customer_id, into_customer_id) AND c.status = 'erased');
