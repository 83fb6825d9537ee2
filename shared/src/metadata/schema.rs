//! The tables as diesel sees them. Both databases have them, from the migrations in `migrations/`.

diesel::table! {
    users (id) {
        id -> BigInt,
        username -> Text,
        password_hash -> Text,
        active -> Bool,
        admin -> Bool,
        max_images -> Nullable<BigInt>,
        max_bytes -> Nullable<BigInt>,
        name_is_normal -> Bool,
        created_at -> Timestamp,
        deleted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    user_totals (user_id) {
        user_id -> BigInt,
        images -> BigInt,
        bytes -> BigInt,
    }
}

diesel::table! {
    account_events (id) {
        id -> BigInt,
        at -> Timestamp,
        user_id -> BigInt,
        username -> Text,
        event -> Text,
        address -> Nullable<Text>,
        network -> Nullable<Text>,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    tokens (id) {
        id -> BigInt,
        user_id -> BigInt,
        key_hash -> Text,
        label -> Text,
        created_at -> Timestamp,
        used_at -> Timestamp,
    }
}

diesel::table! {
    images (id) {
        id -> BigInt,
        user_id -> BigInt,
        state -> Text,
        object_id -> Text,
        generation -> Integer,
        visible_generation -> Nullable<Integer>,
        file_name -> Text,
        format -> Text,
        bytes -> BigInt,
        sha256 -> Text,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        frames -> Nullable<BigInt>,
        claim -> BigInt,
        attempts -> Integer,
        lease_until -> Nullable<Timestamp>,
        queued_at -> Nullable<Timestamp>,
        held -> Bool,
        publishes -> Integer,
        due_at -> Nullable<Timestamp>,
        small_width -> Nullable<BigInt>,
        small_height -> Nullable<BigInt>,
        small_bytes -> Nullable<BigInt>,
        medium_width -> Nullable<BigInt>,
        medium_height -> Nullable<BigInt>,
        medium_bytes -> Nullable<BigInt>,
        variant_frames -> Nullable<BigInt>,
        variant_format -> Nullable<Text>,
        placeholder -> Nullable<Text>,
        error_code -> Nullable<Text>,
        error_detail -> Nullable<Text>,
        accepted_at -> Nullable<Timestamp>,
        original_missed_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        request_id -> Nullable<Text>,
        traceparent -> Nullable<Text>,
        purge_after -> Nullable<Timestamp>,
        reserved_until -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    idempotency_keys (user_id, key) {
        user_id -> BigInt,
        key -> Text,
        digest -> Text,
        object_id -> Text,
        lease_until -> Nullable<Timestamp>,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    image_event_outbox (id) {
        id -> BigInt,
        user_id -> BigInt,
        image_id -> BigInt,
        kind -> Text,
        code -> Nullable<Text>,
        at -> Timestamp,
    }
}

diesel::table! {
    image_events (id) {
        id -> BigInt,
        user_id -> BigInt,
        image_id -> BigInt,
        kind -> Text,
        code -> Nullable<Text>,
        at -> Timestamp,
    }
}

diesel::table! {
    image_event_ids (id) {
        id -> BigInt,
        newest -> BigInt,
        purged -> BigInt,
    }
}

diesel::table! {
    webhooks (id) {
        id -> BigInt,
        user_id -> BigInt,
        url -> Text,
        secret -> Text,
        old_secret -> Nullable<Text>,
        old_secret_until -> Nullable<Timestamp>,
        newest -> BigInt,
        position -> BigInt,
        due_at -> Nullable<Timestamp>,
        tries -> Integer,
        failing_since -> Nullable<Timestamp>,
        claim -> BigInt,
        lease_until -> Nullable<Timestamp>,
        disabled_at -> Nullable<Timestamp>,
        disabled_reason -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> BigInt,
        webhook_id -> BigInt,
        message_id -> Text,
        event_id -> Nullable<BigInt>,
        image_id -> Nullable<BigInt>,
        kind -> Text,
        delivered -> Bool,
        status -> Nullable<Integer>,
        error -> Nullable<Text>,
        tries -> Integer,
        created_at -> Timestamp,
        tried_at -> Timestamp,
    }
}

diesel::table! {
    workers (id) {
        id -> Text,
        host -> Text,
        pid -> BigInt,
        version -> Text,
        slots -> BigInt,
        busy -> BigInt,
        consuming -> Bool,
        started_at -> Timestamp,
        seen_at -> Timestamp,
    }
}

diesel::joinable!(tokens -> users (user_id));
diesel::joinable!(user_totals -> users (user_id));
diesel::joinable!(webhook_deliveries -> webhooks (webhook_id));
diesel::allow_tables_to_appear_in_same_query!(
    users,
    tokens,
    user_totals,
    account_events,
    images,
    idempotency_keys,
    image_event_outbox,
    image_events,
    image_event_ids,
    webhooks,
    webhook_deliveries
);
