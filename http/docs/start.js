// Starts Swagger UI on the page. Runs after the bundle, because both are deferred.
window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  filter: true,
  persistAuthorization: false, // a token ends with the page
  tryItOutEnabled: true,
  validatorUrl: null, // nobody else is asked
});
