CREATE TABLE "erasure_notice" (
	"number" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "erasure_notice_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"business_id" uuid NOT NULL,
	"customer_id" uuid NOT NULL
);
--> statement-breakpoint
ALTER TABLE "erasure_notice" ADD CONSTRAINT "erasure_notice_business_id_business_id_fk" FOREIGN KEY ("business_id") REFERENCES "public"."business"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "erasure_notice" ADD CONSTRAINT "erasure_notice_customer_id_customer_erasure_customer_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."customer_erasure"("customer_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "erasure_notice_business_idx" ON "erasure_notice" USING btree ("business_id","number");--> statement-breakpoint
CREATE INDEX "access_audit_age_idx" ON "access_audit" USING brin ("at");--> statement-breakpoint
INSERT INTO "erasure_notice" (business_id, customer_id)
  SELECT business_id, customer_id FROM "customer_erasure" ORDER BY requested_at, customer_id;--> statement-breakpoint
-- Devices ask who was erased since they asked last. What they go by must rise in the order of commits: else an
-- erasure that commits late stands before what a device has seen, for ever. The lock lasts until the commit,
-- so the next erasure of the business draws its number after it.
CREATE FUNCTION erasure_noticed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('erasures of ' || new.business_id, 0));
  INSERT INTO public.erasure_notice (business_id, customer_id) VALUES (new.business_id, new.customer_id);
  RETURN null;
END $$;--> statement-breakpoint
CREATE TRIGGER erasure_noticed
  AFTER INSERT ON "customer_erasure" FOR EACH ROW EXECUTE FUNCTION erasure_noticed();
