SwaggerUIBundle({
    url: "../openapi.json",
    dom_id: "#page",
    deepLinking: true,
    docExpansion: "list",
    // Without this it would ask a server of its makers whether the description is valid.
    validatorUrl: null,
});
