// The description of the API: paths and parameters from the routes, documents from the schemas (schemas.cc).
#include <string>

#include "absl/strings/ascii.h"
#include "api/routes.h"

namespace keyfold {
namespace {

// "$ref": "Date" -> "$ref": "#/components/schemas/Date"; objects that say nothing else are closed.
Json Completed(Json schema) {
  if (schema.is_array()) {
    for (Json& item : schema) item = Completed(item);
    return schema;
  }
  if (!schema.is_object()) return schema;
  for (auto& [key, value] : schema.items()) {
    if (key == "$ref") {
      value = "#/components/schemas/" + value.get<std::string>();
    } else {
      value = Completed(value);
    }
  }
  if (schema.contains("properties") && schema.value("type", Json()) == "object" &&
      !schema.contains("additionalProperties")) {
    schema["additionalProperties"] = false;
  }
  return schema;
}

Json ParametersOf(const ApiRoute& route) {
  Json parameters = Json::array();
  for (size_t begin = route.path.find('{'); begin != std::string_view::npos; begin = route.path.find('{', begin + 1)) {
    const std::string name(route.path.substr(begin + 1, route.path.find('}', begin) - begin - 1));
    parameters.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  for (const ApiParameter& parameter : route.parameters) {
    parameters.push_back({{"name", parameter.name},
                          {"in", "query"},
                          {"description", parameter.description},
                          {"schema", {{"type", "string"}}}});
  }
  return parameters;
}

Json SchemaRef(std::string_view name) { return {{"$ref", "#/components/schemas/" + std::string(name)}}; }

Json OperationOf(const ApiRoute& route) {
  Json operation{{"summary", route.summary}, {"parameters", ParametersOf(route)}};
  Json content = route.schema.empty() ? Json{{"text/event-stream", {{"schema", {{"type", "string"}}}}}}
                                      : Json{{"application/json", {{"schema", SchemaRef(route.schema)}}}};
  operation["responses"]["200"] = {{"description", route.summary}, {"content", content}};
  for (const int status : route.other_statuses) {
    operation["responses"][std::to_string(status)] = {{"description", ReasonPhrase(status)}, {"content", content}};
  }
  operation["responses"]["default"] = {{"description", "Why there is no answer"},
                                       {"content", {{"application/json", {{"schema", SchemaRef("Error")}}}}}};
  if (!route.body_schema.empty()) {
    operation["requestBody"]["required"] = true;
    for (const std::string_view type : route.body_types) {
      operation["requestBody"]["content"][std::string(type)]["schema"] = SchemaRef(route.body_schema);
    }
  }
  if (route.access == Access::kEverybody) operation["security"] = Json::array();
  return operation;
}

Json MakeDocument() {
  Json document{{"openapi", "3.1.0"},
                {"info",
                 {{"title", "Keyfold"},
                  {"version", "1"},
                  {"description",
                   "KPIs of accounts and groups: the latest values, any date, why, and a "
                   "stream of changes. What a token may not see does not exist for it."}}},
                {"security", Json::array({{{"token", Json::array()}}, {{"session", Json::array()}}})}};
  for (const ApiRoute& route : ApiRoutes()) {
    document["paths"][std::string(route.path)][absl::AsciiStrToLower(std::string(route.method))] = OperationOf(route);
  }
  document["components"]["securitySchemes"] = {
      {"token", {{"type", "http"}, {"scheme", "bearer"}}},
      {"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "__Host-keyfold"}}}};
  document["components"]["schemas"] = Completed(Json::parse(ApiSchemas()));
  return document;
}

}  // namespace

absl::StatusOr<HttpResponse> ShowOpenApi(const ApiQuestion& /*question*/) {
  static const auto* const document = new std::string(MakeDocument().dump());
  return BodyResponse(*document);
}

}  // namespace keyfold
