#include "schemas/schema_registry.h"

#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/http_client.h"
#include "config/text_files.h"
#include "nlohmann/json.hpp"

namespace keyfold {
namespace {

// Names of subjects are those of topics, but for what somebody has made up.
std::string Escaped(const std::string& name) {
  std::string escaped;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_' || c == '.') {
      escaped.push_back(c);
    } else {
      absl::StrAppend(&escaped, "%", absl::Hex(byte, absl::kZeroPad2));
    }
  }
  return escaped;
}

class HttpRegistry : public SchemaRegistry {
 public:
  HttpRegistry(const SchemaRegistryConfig& config, std::string authorization)
      : url_(config.url), authorization_(std::move(authorization)), client_({.ca_file = config.ca_file}) {}

  absl::StatusOr<std::vector<RegisteredSchema>> Versions(const std::string& subject) override {
    const std::string path = absl::StrCat("/subjects/", Escaped(subject), "/versions");
    const absl::StatusOr<nlohmann::json> numbers = Get(path);
    if (absl::IsNotFound(numbers.status())) return std::vector<RegisteredSchema>();
    KEYFOLD_RETURN_IF_ERROR(numbers.status());
    std::vector<RegisteredSchema> versions;
    for (const auto& number : *numbers) {
      if (!number.is_number_integer()) return NoAnswer(path);
      KEYFOLD_ASSIGN_OR_RETURN(RegisteredSchema schema, Read(absl::StrCat(path, "/", number.get<int64_t>())));
      versions.push_back(std::move(schema));
    }
    return versions;
  }

  absl::StatusOr<RegisteredSchema> WithId(int64_t id) override {
    KEYFOLD_ASSIGN_OR_RETURN(RegisteredSchema schema, Read(absl::StrCat("/schemas/ids/", id)));
    schema.id = id;
    return schema;
  }

 private:
  absl::Status NoAnswer(const std::string& path) const {
    return absl::InternalError(absl::StrCat("the schema registry ", url_, " answers ", path, " with something else"));
  }

  absl::StatusOr<nlohmann::json> Get(const std::string& path) {
    HttpCall call;
    call.url = absl::StrCat(url_, path);
    call.by_proxy = true;
    call.headers = {{"Accept", "application/vnd.schemaregistry.v1+json, application/json"}};
    if (!authorization_.empty()) call.headers.emplace_back("Authorization", authorization_);
    const absl::StatusOr<HttpReply> reply = client_.Call(call);
    if (!reply.ok()) {
      return absl::Status(reply.status().code(),
                          absl::StrCat("the schema registry cannot be asked: ", reply.status().message()));
    }
    const std::string said = absl::StrCat("the schema registry ", url_, " answers ", path, " with ", reply->status);
    if (reply->status == 404) return absl::NotFoundError(said);
    if (reply->status == 401 || reply->status == 403) return absl::PermissionDeniedError(said);
    if (reply->status == 429 || reply->status >= 500) return absl::UnavailableError(said);
    if (reply->status != 200) return absl::InternalError(said);
    nlohmann::json body = nlohmann::json::parse(reply->body, nullptr, /*allow_exceptions=*/false);
    if (body.is_discarded()) return NoAnswer(path);
    return body;
  }

  absl::StatusOr<RegisteredSchema> Read(const std::string& path) {
    std::set<std::string> read;
    RegisteredSchema schema;
    KEYFOLD_RETURN_IF_ERROR(ReadInto(path, read, schema, schema.source.text));
    return schema;
  }

  // A file, and what it refers to into the imports of `schema`.
  absl::Status ReadInto(const std::string& path, std::set<std::string>& read, RegisteredSchema& schema,
                        std::string& text) {
    KEYFOLD_ASSIGN_OR_RETURN(const nlohmann::json body, Get(path));
    const bool is_first = read.empty();
    read.insert(path);
    try {
      if (is_first) {
        schema.id = body.value("id", int64_t{0});
        schema.version = body.value("version", 0);
        schema.type = body.value("schemaType", "AVRO");  // as registries say it that knew nothing else
      }
      text = body.at("schema").get<std::string>();
      for (const auto& reference : body.value("references", nlohmann::json::array())) {
        const std::string from = absl::StrCat("/subjects/", Escaped(reference.at("subject").get<std::string>()),
                                              "/versions/", reference.at("version").get<int64_t>());
        if (read.contains(from)) continue;
        std::string imported;
        KEYFOLD_RETURN_IF_ERROR(ReadInto(from, read, schema, imported));
        schema.source.imports.emplace_back(reference.at("name").get<std::string>(), std::move(imported));
      }
    } catch (const nlohmann::json::exception&) {
      return NoAnswer(path);
    }
    return absl::OkStatus();
  }

  const std::string url_;
  const std::string authorization_;
  HttpClient client_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SchemaRegistry>> OpenSchemaRegistry(const SchemaRegistryConfig& config) {
  std::string authorization;
  if (!config.user.empty()) {
    KEYFOLD_ASSIGN_OR_RETURN(const std::string password, ReadFile(config.password_file));
    authorization = absl::StrCat(
        "Basic ", absl::Base64Escape(absl::StrCat(config.user, ":", absl::StripAsciiWhitespace(password))));
  }
  return std::make_unique<HttpRegistry>(config, std::move(authorization));
}

}  // namespace keyfold
