ALTER TABLE "purchase_timeline" ADD COLUMN "top_product" text;--> statement-breakpoint
ALTER TABLE "purchase_timeline" ADD COLUMN "top_variant" text;