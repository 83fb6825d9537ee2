DROP TRIGGER images_announced ON images;
DROP FUNCTION announce_image;
DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
DROP TABLE image_event_ids;
DROP TABLE image_events;
DROP TABLE image_event_outbox;
