// Walks through the api as a client of it does, by types that are generated from its description:
// node walk.js BASE_URL IMAGE_FILE

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import createClient from "openapi-fetch";

import type { components, paths } from "./api.js";

type Image = components["schemas"]["ImageRecord"];

const [, , baseUrl = "", picture = ""] = process.argv;
const client = createClient<paths>({ baseUrl });

const credentials = { username: `typescript-${process.pid}`, password: "correct horse" };
const registered = await client.POST("/user/register/", { body: credentials });
assert.equal(registered.data?.detail, "User created");
const again = await client.POST("/user/register/", { body: credentials });
assert.equal(again.response.status, 400);
assert.ok(again.error && "error" in again.error);
assert.equal(again.error.error, "Username already exists");

const login = await client.POST("/user/login/", { body: credentials });
assert.ok(login.data);
const Authorization = `Token ${login.data.token}`;
client.use({
    onRequest({ request }) {
        request.headers.set("Authorization", Authorization);
    },
});

const upload = async (name: string): Promise<Image> => {
    const { data, error } = await client.POST("/image/", {
        // The description has a file as a text, and a form has it as a Blob.
        body: { original: name },
        bodySerializer: () => form,
    });
    assert.ok(data, JSON.stringify(error));
    return data;
};
const form = new FormData();
form.set("original", new Blob([await readFile(picture)]), "picture.jpg");
const images = [await upload("first"), await upload("second"), await upload("third")];
assert.equal(images[0]?.small, null);

const ready = async (id: number): Promise<Image> => {
    const end = Date.now() + 60_000;
    for (;;) {
        const { data } = await client.GET("/image/{id}/", { params: { path: { id }, query: { wait: 30 } } });
        assert.ok(data);
        if (data.small !== null && data.medium !== null) return data;
        assert.ok(Date.now() < end, `image ${id} is not ready after a minute`);
    }
};
for (const { id } of images) {
    const { original, small } = await ready(id);
    for (const url of [original, small]) {
        assert.ok(url);
        const object = await fetch(url);
        assert.equal(object.headers.get("content-type"), "image/jpeg");
    }
}

const seen: number[] = [];
for (let offset = 0; ; offset += 2) {
    const { data: page } = await client.GET("/image/", { params: { query: { limit: 2, offset } } });
    assert.ok(page);
    assert.equal(page.count, images.length);
    seen.push(...page.results.map((image) => image.id));
    if (page.next === null) break;
}
assert.deepEqual(seen, images.map((image) => image.id));

for (const { id } of images) {
    const { response } = await client.DELETE("/image/{id}/", { params: { path: { id } } });
    assert.equal(response.status, 204);
}
const gone = await client.GET("/image/{id}/", { params: { path: { id: seen[0] ?? 0 } } });
assert.equal(gone.response.status, 404);
assert.ok(gone.error && "detail" in gone.error);

const limits = await client.GET("/limits/");
assert.equal(limits.data?.quotas.images.used, 0);
console.log(`The TypeScript client has registered, uploaded ${images.length} images, paged through them and deleted them.`);
