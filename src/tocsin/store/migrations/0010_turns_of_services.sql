-- Where more is due than a round takes, services take turns (core/paging/order.py). The version before leaves the column
-- empty: such rows, and those of no service, have their turn together.
ALTER TABLE alert_groups ADD COLUMN service text NOT NULL DEFAULT '';
CREATE INDEX alert_groups_due_of_service ON alert_groups (service, due_at, id) WHERE due_at IS NOT NULL;
ALTER TABLE deliveries ADD COLUMN service text NOT NULL DEFAULT '';
CREATE INDEX deliveries_waiting_of_service ON deliveries (service, due_at, id) WHERE status = 'waiting';
