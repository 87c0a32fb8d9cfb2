CREATE TABLE "purchase_attribution" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "purchase_attribution_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"business_id" uuid NOT NULL,
	"purchase_kind" text NOT NULL,
	"purchase_id" uuid NOT NULL,
	"from_customer_id" uuid,
	"to_customer_id" uuid,
	"evidence" text NOT NULL,
	"note" text,
	"attributed_by" uuid,
	"attributed_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "purchase_attribution_evidence" CHECK (evidence in ('suggested', 'confirmed', 'proven'))
);
--> statement-breakpoint
CREATE TABLE "sale_return" (
	"sale_id" uuid PRIMARY KEY NOT NULL,
	"business_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"refund" text NOT NULL,
	CONSTRAINT "sale_return_reason" CHECK (reason in ('unwanted', 'wrong_size', 'wrong_item', 'defective', 'not_as_described', 'other')),
	CONSTRAINT "sale_return_refund" CHECK (refund in ('cash', 'original'))
);
--> statement-breakpoint
ALTER TABLE "purchase_attribution" ADD CONSTRAINT "purchase_attribution_business_id_business_id_fk" FOREIGN KEY ("business_id") REFERENCES "public"."business"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purchase_attribution" ADD CONSTRAINT "purchase_attribution_from_customer_id_customer_id_fk" FOREIGN KEY ("from_customer_id") REFERENCES "public"."customer"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purchase_attribution" ADD CONSTRAINT "purchase_attribution_to_customer_id_customer_id_fk" FOREIGN KEY ("to_customer_id") REFERENCES "public"."customer"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purchase_attribution" ADD CONSTRAINT "purchase_attribution_attributed_by_employee_id_fk" FOREIGN KEY ("attributed_by") REFERENCES "public"."employee"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sale_return" ADD CONSTRAINT "sale_return_sale_id_sale_id_fk" FOREIGN KEY ("sale_id") REFERENCES "public"."sale"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "purchase_attribution_purchase_idx" ON "purchase_attribution" USING btree ("purchase_id","id");--> statement-breakpoint
CREATE INDEX "purchase_attribution_from_idx" ON "purchase_attribution" USING btree ("from_customer_id") WHERE from_customer_id is not null;--> statement-breakpoint
CREATE INDEX "purchase_attribution_to_idx" ON "purchase_attribution" USING btree ("to_customer_id") WHERE to_customer_id is not null;--> statement-breakpoint
-- What was noted when a purchase was put to a person may speak of the person, and goes with the link.
CREATE FUNCTION attribution_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  new.note := null;
  RETURN new;
END $$;--> statement-breakpoint
CREATE TRIGGER attribution_note BEFORE UPDATE ON "purchase_attribution" FOR EACH ROW
  WHEN ((old.from_customer_id IS NOT NULL AND new.from_customer_id IS NULL)
    OR (old.to_customer_id IS NOT NULL AND new.to_customer_id IS NULL))
  EXECUTE FUNCTION attribution_note();--> statement-breakpoint

-- As before (0003_merge_rules.sql), and an erasure takes the person out of the attributions, too.
CREATE OR REPLACE FUNCTION customer_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.status = 'merged' THEN
    UPDATE public.sale SET customer_id = new.merged_into_id WHERE customer_id = new.id;
    UPDATE public."order" SET customer_id = new.merged_into_id WHERE customer_id = new.id;
    RETURN null;
  END IF;
  -- Nothing is left that says whose they were: no merge's reason, no ledger, no attribution.
  WITH
    sales AS (UPDATE public.sale SET customer_id = null WHERE customer_id = new.id RETURNING id),
    orders AS (UPDATE public."order" SET customer_id = null WHERE customer_id = new.id RETURNING id)
  DELETE FROM public.customer_merge_purchase
    WHERE purchase_id IN (SELECT id FROM sales UNION ALL SELECT id FROM orders);
  WITH merges AS (
    UPDATE public.customer_merge SET reason = null
    WHERE new.id IN (from_customer_id, into_customer_id) RETURNING id)
  DELETE FROM public.customer_merge_purchase WHERE merge_id IN (SELECT id FROM merges);
  UPDATE public.purchase_attribution SET from_customer_id = null WHERE from_customer_id = new.id;
  UPDATE public.purchase_attribution SET to_customer_id = null WHERE to_customer_id = new.id;
  INSERT INTO public.customer_erasure (customer_id, business_id)
    VALUES (new.id, new.business_id) ON CONFLICT DO NOTHING;
  UPDATE public.customer SET status = 'erased' WHERE merged_into_id = new.id;
  RETURN null;
END $$;
