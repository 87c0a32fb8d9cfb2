-- Who was erased before there was a rule keeps nothing that names them.
UPDATE "customer" SET "name" = null, "phone" = null, "email" = null, "external_ref" = null WHERE "status" = 'erased';--> statement-breakpoint
CREATE TABLE "customer_erasure" (
	"customer_id" uuid PRIMARY KEY NOT NULL,
	"business_id" uuid NOT NULL,
	"requested_by" uuid,
	"requested_at" timestamp (6) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "customer_merge" DROP CONSTRAINT "customer_merge_from_customer_id_customer_id_fk";
--> statement-breakpoint
ALTER TABLE "customer_merge" DROP CONSTRAINT "customer_merge_into_customer_id_customer_id_fk";
--> statement-breakpoint
ALTER TABLE "customer_erasure" ADD CONSTRAINT "customer_erasure_business_id_business_id_fk" FOREIGN KEY ("business_id") REFERENCES "public"."business"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "customer_erasure" ADD CONSTRAINT "customer_erasure_requested_by_employee_id_fk" FOREIGN KEY ("requested_by") REFERENCES "public"."employee"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "customer_erasure_business_idx" ON "customer_erasure" USING btree ("business_id");--> statement-breakpoint
ALTER TABLE "customer_merge" ADD CONSTRAINT "customer_merge_from_customer_id_customer_id_fk" FOREIGN KEY ("from_customer_id") REFERENCES "public"."customer"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "customer_merge" ADD CONSTRAINT "customer_merge_into_customer_id_customer_id_fk" FOREIGN KEY ("into_customer_id") REFERENCES "public"."customer"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "customer_merge_purchase_purchase_idx" ON "customer_merge_purchase" USING btree ("purchase_id");--> statement-breakpoint
ALTER TABLE "customer" ADD CONSTRAINT "customer_erased" CHECK (status <> 'erased' or coalesce(name, phone, email, external_ref) is null);
