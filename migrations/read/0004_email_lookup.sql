CREATE INDEX "customer_card_email_idx" ON "customer_card" USING btree ("business_id",lower("email"));--> statement-breakpoint
-- As search_customer_ids (0003): lower() is not leakproof, so under row security the index would not be used.
CREATE FUNCTION "customer_ids_with_email"(address text, at_most integer)
RETURNS TABLE (customer_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
	SELECT c.customer_id FROM public.customer_card c
		WHERE c.business_id = (SELECT nullif(current_setting('pt.business_id', true), '')::uuid)
			AND lower(c.email) = lower(address)
		LIMIT at_most;
END;
--> statement-breakpoint
REVOKE ALL ON FUNCTION customer_ids_with_email FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION customer_ids_with_email TO purchase_timeline_api;
