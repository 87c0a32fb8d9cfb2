CREATE TABLE "access_audit" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access_audit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"business_id" uuid NOT NULL,
	"at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"employee_id" uuid,
	"role" text NOT NULL,
	"action" text NOT NULL,
	"customer_id" uuid,
	"purchase_id" uuid,
	"outcome" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_key" (
	"business_id" uuid NOT NULL,
	"principal" text NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"status" smallint,
	"body" text,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_key_business_id_principal_key_pk" PRIMARY KEY("business_id","principal","key")
);
--> statement-breakpoint
ALTER TABLE "access_audit" ADD CONSTRAINT "access_audit_business_id_business_id_fk" FOREIGN KEY ("business_id") REFERENCES "public"."business"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_key" ADD CONSTRAINT "idempotency_key_business_id_business_id_fk" FOREIGN KEY ("business_id") REFERENCES "public"."business"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "access_audit_customer_idx" ON "access_audit" USING btree ("business_id","customer_id","at");--> statement-breakpoint
CREATE INDEX "access_audit_employee_idx" ON "access_audit" USING btree ("business_id","employee_id","at");--> statement-breakpoint
CREATE INDEX "idempotency_key_age_idx" ON "idempotency_key" USING btree ("created_at");--> statement-breakpoint
-- The audit is only ever added to. What has had its years goes through `pt retention`, which says so
-- first (pt.retention), as must whoever empties a whole source.
CREATE FUNCTION access_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF tg_op <> 'UPDATE' AND current_setting('pt.retention', true) = 'on' THEN
    RETURN old;
  END IF;
  RAISE EXCEPTION 'the access audit is only ever added to' USING ERRCODE = '42501';
END $$;--> statement-breakpoint
CREATE TRIGGER access_audit_stays
  BEFORE UPDATE OR DELETE ON "access_audit" FOR EACH ROW EXECUTE FUNCTION access_audit_stays();--> statement-breakpoint
CREATE TRIGGER access_audit_stays_whole
  BEFORE TRUNCATE ON "access_audit" FOR EACH STATEMENT EXECUTE FUNCTION access_audit_stays();
