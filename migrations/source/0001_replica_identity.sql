-- A delete of a line or a payment must name the purchase that it belonged to. The default replica
-- identity sends only the row's own id; these indexes send (purchase id, id), at no further cost:
-- they exist anyway, for the foreign key.
ALTER TABLE "sale_line" REPLICA IDENTITY USING INDEX "sale_line_identity";--> statement-breakpoint
ALTER TABLE "sale_payment" REPLICA IDENTITY USING INDEX "sale_payment_identity";--> statement-breakpoint
ALTER TABLE "order_item" REPLICA IDENTITY USING INDEX "order_item_identity";--> statement-breakpoint
ALTER TABLE "order_payment" REPLICA IDENTITY USING INDEX "order_payment_identity";
