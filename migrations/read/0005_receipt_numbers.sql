CREATE INDEX "purchase_timeline_receipt_idx" ON "purchase_timeline" USING btree ("business_id",lower("receipt_number"),"occurred_at" DESC NULLS FIRST) WHERE length(receipt_number) <= 100;--> statement-breakpoint
-- As search_customer_ids (0003): lower() is not leakproof, so under row security the index would not be used. The
-- locations are part of the look-up (null: all), so that others' purchases do not use up the limit.
CREATE FUNCTION "purchase_ids_with_receipt"(printed text, seen uuid[], at_most integer)
RETURNS TABLE (purchase_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20
BEGIN ATOMIC
	SELECT t.purchase_id FROM public.purchase_timeline t
		WHERE t.business_id = (SELECT nullif(current_setting('pt.business_id', true), '')::uuid)
			AND lower(t.receipt_number) = lower(printed) AND length(t.receipt_number) <= 100
			AND (seen IS NULL OR t.location_id = ANY (seen))
		ORDER BY t.occurred_at DESC, t.purchase_id DESC
		LIMIT at_most;
END;
--> statement-breakpoint
REVOKE ALL ON FUNCTION purchase_ids_with_receipt FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION purchase_ids_with_receipt TO purchase_timeline_api;
