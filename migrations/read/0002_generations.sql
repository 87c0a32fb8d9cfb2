-- The tables of the read model become partitioned by source; what was projected so far becomes generation 1 of
-- source "main". (Drizzle knows no partitions: src/schema/read.ts declares the tables as the API sees them.)
DROP VIEW "customer_product_stats";
--> statement-breakpoint
CREATE SEQUENCE "projection_generation";
--> statement-breakpoint
CREATE SCHEMA "generation_1";
--> statement-breakpoint
ALTER TABLE "purchase_timeline" SET SCHEMA "generation_1";
--> statement-breakpoint
ALTER TABLE "generation_1"."purchase_timeline" ADD COLUMN "source_id" text DEFAULT 'main' NOT NULL,
	DROP CONSTRAINT "purchase_timeline_pkey", ADD PRIMARY KEY ("purchase_id", "source_id");
--> statement-breakpoint
CREATE TABLE "purchase_timeline" (LIKE "generation_1"."purchase_timeline" INCLUDING DEFAULTS,
	CONSTRAINT "purchase_timeline_purchase_id_source_id_pk" PRIMARY KEY ("purchase_id", "source_id")) PARTITION BY LIST ("source_id");
--> statement-breakpoint
ALTER TABLE "customer_metrics" SET SCHEMA "generation_1";
--> statement-breakpoint
ALTER TABLE "generation_1"."customer_metrics" ADD COLUMN "source_id" text DEFAULT 'main' NOT NULL,
	DROP CONSTRAINT "customer_metrics_customer_id_location_id_currency_pk", ADD PRIMARY KEY ("customer_id", "location_id", "currency", "source_id");
--> statement-breakpoint
CREATE TABLE "customer_metrics" (LIKE "generation_1"."customer_metrics" INCLUDING DEFAULTS,
	CONSTRAINT "customer_metrics_customer_id_location_id_currency_source_id_pk" PRIMARY KEY ("customer_id", "location_id", "currency", "source_id")) PARTITION BY LIST ("source_id");
--> statement-breakpoint
ALTER TABLE "customer_card" SET SCHEMA "generation_1";
--> statement-breakpoint
ALTER TABLE "generation_1"."customer_card" ADD COLUMN "source_id" text DEFAULT 'main' NOT NULL,
	DROP CONSTRAINT "customer_card_pkey", ADD PRIMARY KEY ("customer_id", "source_id");
--> statement-breakpoint
CREATE TABLE "customer_card" (LIKE "generation_1"."customer_card" INCLUDING DEFAULTS,
	CONSTRAINT "customer_card_customer_id_source_id_pk" PRIMARY KEY ("customer_id", "source_id")) PARTITION BY LIST ("source_id");
--> statement-breakpoint
ALTER TABLE "location_card" SET SCHEMA "generation_1";
--> statement-breakpoint
ALTER TABLE "generation_1"."location_card" ADD COLUMN "source_id" text DEFAULT 'main' NOT NULL,
	DROP CONSTRAINT "location_card_pkey", ADD PRIMARY KEY ("location_id", "source_id");
--> statement-breakpoint
CREATE TABLE "location_card" (LIKE "generation_1"."location_card" INCLUDING DEFAULTS,
	CONSTRAINT "location_card_location_id_source_id_pk" PRIMARY KEY ("location_id", "source_id")) PARTITION BY LIST ("source_id");
--> statement-breakpoint
ALTER TABLE "employee_card" SET SCHEMA "generation_1";
--> statement-breakpoint
ALTER TABLE "generation_1"."employee_card" ADD COLUMN "source_id" text DEFAULT 'main' NOT NULL,
	DROP CONSTRAINT "employee_card_pkey", ADD PRIMARY KEY ("employee_id", "source_id");
--> statement-breakpoint
CREATE TABLE "employee_card" (LIKE "generation_1"."employee_card" INCLUDING DEFAULTS,
	CONSTRAINT "employee_card_employee_id_source_id_pk" PRIMARY KEY ("employee_id", "source_id")) PARTITION BY LIST ("source_id");
--> statement-breakpoint
CREATE INDEX "purchase_timeline_list_idx" ON "purchase_timeline" USING btree ("business_id","customer_id","occurred_at" DESC NULLS FIRST,"purchase_id" DESC NULLS FIRST) INCLUDE ("location_id","type","kind") WHERE listed and customer_id is not null;
--> statement-breakpoint
CREATE INDEX "purchase_timeline_parent_idx" ON "purchase_timeline" USING btree ("parent_purchase_id") WHERE parent_purchase_id is not null;
--> statement-breakpoint
CREATE INDEX "customer_card_ref_idx" ON "customer_card" USING btree ("business_id",lower("external_ref") text_pattern_ops);
--> statement-breakpoint
CREATE INDEX "customer_card_phone_idx" ON "customer_card" USING btree ("business_id",reverse(regexp_replace("phone", '\D', '', 'g')) text_pattern_ops);
--> statement-breakpoint
CREATE INDEX "customer_card_name_idx" ON "customer_card" USING gin (to_tsvector('simple', "name"));
--> statement-breakpoint
ALTER TABLE "projection_checkpoint" ADD COLUMN "generation" integer DEFAULT 1 NOT NULL,
	ADD COLUMN "serving" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
ALTER TABLE "projection_checkpoint" ALTER COLUMN "generation" DROP DEFAULT, ALTER COLUMN "serving" DROP DEFAULT,
	DROP CONSTRAINT "projection_checkpoint_pkey",
	ADD CONSTRAINT "projection_checkpoint_source_id_generation_pk" PRIMARY KEY ("source_id", "generation");
--> statement-breakpoint
CREATE UNIQUE INDEX "projection_checkpoint_serving_key" ON "projection_checkpoint" USING btree ("source_id","serving");
--> statement-breakpoint
UPDATE "projection_checkpoint" SET "serving" = ("phase" = 'live');
--> statement-breakpoint
DO $$
BEGIN
	IF EXISTS (SELECT FROM projection_checkpoint WHERE serving) THEN
		ALTER TABLE purchase_timeline ATTACH PARTITION generation_1.purchase_timeline FOR VALUES IN ('main');
		ALTER TABLE customer_metrics ATTACH PARTITION generation_1.customer_metrics FOR VALUES IN ('main');
		ALTER TABLE customer_card ATTACH PARTITION generation_1.customer_card FOR VALUES IN ('main');
		ALTER TABLE location_card ATTACH PARTITION generation_1.location_card FOR VALUES IN ('main');
		ALTER TABLE employee_card ATTACH PARTITION generation_1.employee_card FOR VALUES IN ('main');
	END IF;
	IF EXISTS (SELECT FROM projection_checkpoint) THEN
		PERFORM nextval('projection_generation');
	ELSE
		DROP SCHEMA generation_1 CASCADE;
	END IF;
END $$;
--> statement-breakpoint
ALTER TABLE "dead_letter" ADD COLUMN "generation" integer DEFAULT 1 NOT NULL,
	ADD COLUMN "retry_requested_at" timestamp (6) with time zone,
	ADD COLUMN "attempts" integer DEFAULT 0 NOT NULL,
	ADD COLUMN "discarded_at" timestamp (6) with time zone,
	ADD COLUMN "discard_reason" text;
--> statement-breakpoint
ALTER TABLE "dead_letter" ALTER COLUMN "generation" DROP DEFAULT;
--> statement-breakpoint
DROP INDEX "dead_letter_change_key";
--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letter_change_key" ON "dead_letter" USING btree ("source_id","generation","commit_lsn","ordinal");
--> statement-breakpoint
ALTER TABLE "cache_outbox" RENAME COLUMN "lsn" TO "position";
--> statement-breakpoint
ALTER TABLE "cache_outbox" ALTER COLUMN "customer_ids" DROP NOT NULL;
--> statement-breakpoint
CREATE TABLE "position_base" ("base" numeric(20, 0) NOT NULL);
--> statement-breakpoint
INSERT INTO "position_base" VALUES (0);
--> statement-breakpoint
CREATE TABLE "retired_slot" (
	"source_id" text NOT NULL,
	"slot_name" text NOT NULL,
	CONSTRAINT "retired_slot_source_id_slot_name_pk" PRIMARY KEY("source_id","slot_name")
);
--> statement-breakpoint
CREATE VIEW "public"."customer_product_stats" AS (
  select t.business_id, t.customer_id, (line ->> 3)::uuid as variant_id,
    count(distinct t.purchase_id) filter (where (line ->> 10)::numeric > 0)::integer as times_bought,
    sum((line ->> 10)::numeric)::numeric(20, 3) as qty_kept,
    max(t.occurred_at) filter (where (line ->> 10)::numeric > 0) as last_bought_at
  from purchase_timeline t cross join lateral json_array_elements(t.lines) line
  where t.listed and t.counted and t.customer_id is not null
    and line ->> 3 is not null and line ->> 19 is null and line ->> 20 is null
  group by t.business_id, t.customer_id, line ->> 3);
--> statement-breakpoint
CREATE VIEW "public"."read_model" AS (
  select
    case when served > 0 then 'live' else phase end as phase,
    position,
    case when served > 1 then position else lsn end as lsn,
    committed_at,
    case when served > 1 then sources end as sources
  from (
    select count(*) filter (where serving) as served, min(phase) as phase,
      '0/0'::pg_lsn + coalesce(sum(applied_lsn - '0/0'::pg_lsn) filter (where serving), 0)
        + coalesce((select base from position_base), 0) as position,
      max(applied_lsn) filter (where serving) as lsn,
      max(committed_at) filter (where serving) as committed_at,
      json_object_agg(source_id, applied_lsn order by source_id) filter (where serving) as sources
    from projection_checkpoint
  ) state);
