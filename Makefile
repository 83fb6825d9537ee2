.DEFAULT_GOAL := help
.PHONY: help run test test-containers demo services run-services stop bench chaos edge fuzz screenshots fmt migrate clean-services

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build and run it all in one process, without any other service
	@scripts/run.sh embedded

test: ## Everything that CI runs: format, lints, docs, tests, dependencies, deployment files
	@scripts/test.sh

test-containers: ## Build the images, run docker-compose.yml on an engine of its own, and break it (Debian, root)
	@scripts/test-containers.sh

demo: ## Upload the samples and show what becomes of them
	@scripts/demo.sh

services: ## Start private PostgreSQL, RabbitMQ and S3 under .services
	@scripts/install.sh services
	@scripts/services.sh start

run-services: ## Build and run api and worker on those services, in the background
	@scripts/run.sh services

stop: ## End api, worker and the private services
	@scripts/stop.sh

bench: ## Measure
	@scripts/bench.sh

chaos: ## Break everything under load, for MINUTES (30), and look at every image
	@scripts/chaos.sh $$(($(or $(MINUTES),30) * 60))

edge: ## Attack an api with bad connections of every kind, and watch a good client
	@scripts/edge.sh

fuzz: ## Feed broken files to the decoders, a minute for each target
	@scripts/fuzz.sh

screenshots: ## Make the pictures of the console in docs/images anew
	@scripts/install.sh services
	cargo build --locked --all-features -p resizinator
	@scripts/console.sh screenshots

fmt: ## Format the code
	cargo fmt --all

migrate: ## Bring the schema up to date: of DATABASE_URL, else of the private PostgreSQL, else of ./data
	@if [ -z "$$DATABASE_URL" ] && [ -f .services/env ]; then . ./.services/env; fi; \
		cargo run -q --profile quick --locked -p resizinator -- migrate

clean-services: stop ## Remove the private services' data
	@scripts/services.sh clean
