CREATE TABLE "cache_outbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "cache_outbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"lsn" "pg_lsn" NOT NULL,
	"customer_ids" uuid[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "customer_card" (
	"customer_id" uuid PRIMARY KEY NOT NULL,
	"business_id" uuid NOT NULL,
	"external_ref" text,
	"name" text,
	"phone" text,
	"email" text,
	"status" text NOT NULL,
	"merged_into" uuid
);
--> statement-breakpoint
CREATE TABLE "customer_metrics" (
	"business_id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"location_id" uuid NOT NULL,
	"currency" text NOT NULL,
	"order_count" integer NOT NULL,
	"return_count" integer NOT NULL,
	"exchange_count" integer NOT NULL,
	"net" numeric(38, 0) NOT NULL,
	"refunded" numeric(38, 0) NOT NULL,
	"first_purchase_at" timestamp (6) with time zone,
	"last_purchase_at" timestamp (6) with time zone,
	CONSTRAINT "customer_metrics_customer_id_location_id_currency_pk" PRIMARY KEY("customer_id","location_id","currency")
);
--> statement-breakpoint
CREATE TABLE "dead_letter" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dead_letter_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source_id" text NOT NULL,
	"commit_lsn" "pg_lsn" NOT NULL,
	"ordinal" integer NOT NULL,
	"reason" text NOT NULL,
	"change" json NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "employee_card" (
	"employee_id" uuid PRIMARY KEY NOT NULL,
	"business_id" uuid NOT NULL,
	"display_name" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "location_card" (
	"location_id" uuid PRIMARY KEY NOT NULL,
	"business_id" uuid NOT NULL,
	"name" text NOT NULL,
	"region" text NOT NULL,
	"timezone" text NOT NULL,
	"kind" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "projection_checkpoint" (
	"source_id" text PRIMARY KEY NOT NULL,
	"system_identifier" text NOT NULL,
	"slot_name" text NOT NULL,
	"consistent_point" "pg_lsn",
	"projection_version" integer NOT NULL,
	"phase" text NOT NULL,
	"copy_table" text,
	"copy_key" uuid,
	"copied_rows" bigint DEFAULT 0 NOT NULL,
	"barrier_lsn" "pg_lsn",
	"applied_lsn" "pg_lsn" NOT NULL,
	"committed_at" timestamp (6) with time zone
);
--> statement-breakpoint
CREATE TABLE "purchase_timeline" (
	"purchase_id" uuid PRIMARY KEY NOT NULL,
	"business_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"type" text NOT NULL,
	"status" text NOT NULL,
	"counted" boolean NOT NULL,
	"listed" boolean NOT NULL,
	"customer_id" uuid,
	"location_id" uuid NOT NULL,
	"employee_id" uuid,
	"occurred_at" timestamp (6) with time zone NOT NULL,
	"receipt_number" text,
	"currency" text NOT NULL,
	"subtotal" bigint NOT NULL,
	"discount_total" bigint NOT NULL,
	"tax_total" bigint NOT NULL,
	"tip_total" bigint NOT NULL,
	"total" bigint NOT NULL,
	"refunded" numeric(38, 0) NOT NULL,
	"item_count" integer NOT NULL,
	"guest_count" smallint,
	"parent_purchase_id" uuid,
	"order_id" uuid,
	"settled_by" uuid[],
	"lines" json NOT NULL,
	"payments" json NOT NULL,
	"lsn" "pg_lsn" NOT NULL
);
--> statement-breakpoint
CREATE INDEX "customer_card_ref_idx" ON "customer_card" USING btree ("business_id",lower("external_ref") text_pattern_ops);--> statement-breakpoint
CREATE INDEX "customer_card_phone_idx" ON "customer_card" USING btree ("business_id",reverse(regexp_replace("phone", '\D', '', 'g')) text_pattern_ops);--> statement-breakpoint
CREATE INDEX "customer_card_name_idx" ON "customer_card" USING gin (to_tsvector('simple', "name"));--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letter_change_key" ON "dead_letter" USING btree ("source_id","commit_lsn","ordinal");--> statement-breakpoint
CREATE INDEX "purchase_timeline_list_idx" ON "purchase_timeline" USING btree ("business_id","customer_id","occurred_at" DESC NULLS FIRST,"purchase_id" DESC NULLS FIRST) WHERE listed and customer_id is not null;--> statement-breakpoint
CREATE INDEX "purchase_timeline_parent_idx" ON "purchase_timeline" USING btree ("parent_purchase_id") WHERE parent_purchase_id is not null;--> statement-breakpoint
CREATE VIEW "public"."customer_product_stats" AS (
  select t.business_id, t.customer_id, (line ->> 3)::uuid as variant_id,
    count(distinct t.purchase_id) filter (where (line ->> 10)::numeric > 0)::integer as times_bought,
    sum((line ->> 10)::numeric)::numeric(20, 3) as qty_kept,
    max(t.occurred_at) filter (where (line ->> 10)::numeric > 0) as last_bought_at
  from purchase_timeline t cross join lateral json_array_elements(t.lines) line
  where t.listed and t.counted and t.customer_id is not null
    and line ->> 3 is not null and line ->> 19 is null and line ->> 20 is null
  group by t.business_id, t.customer_id, line ->> 3);