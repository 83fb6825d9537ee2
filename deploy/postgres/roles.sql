-- The users of the database resizinator. The image of PostgreSQL runs this once, while its volume is empty; elsewhere:
--   POSTGRES_OWNER_PASSWORD=… POSTGRES_APP_PASSWORD=… psql -v ON_ERROR_STOP=1 -f roles.sql postgres://postgres@HOST/resizinator
\getenv owner_password POSTGRES_OWNER_PASSWORD
\getenv app_password POSTGRES_APP_PASSWORD

-- Changes the tables: `resizinator migrate` alone.
CREATE ROLE resizinator_owner LOGIN PASSWORD :'owner_password';
-- Reads and writes rows: api, worker, and the other commands of `resizinator`.
CREATE ROLE resizinator LOGIN PASSWORD :'app_password';

REVOKE ALL ON DATABASE resizinator FROM PUBLIC;
GRANT CONNECT ON DATABASE resizinator TO resizinator_owner, resizinator;
ALTER SCHEMA public OWNER TO resizinator_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO resizinator;

SET ROLE resizinator_owner;
-- For the tables of every migration to come.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO resizinator;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO resizinator;
-- Which migrations have run is for their owner to write. This is the table as diesel would create it.
CREATE TABLE __diesel_schema_migrations (
    version VARCHAR(50) PRIMARY KEY NOT NULL,
    run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM resizinator;
RESET ROLE;
