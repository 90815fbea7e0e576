#include "platform/catalog/images.h"

#include "core/base/error.h"
#include "platform/aws/access.h"
#include "platform/catalog/framework_images.h"
#include "platform/records/images.h"

namespace millrace::catalog {
namespace {

[[noreturn]] void refuse(const Problem& problem) {
  throw Error(Blame::Customer, "ValidationException", describe(problem));
}

void check_absolute(const std::string& where, const std::string& path) {
  if (path.starts_with('/')) return;
  refuse({.where = where,
          .given = path,
          .expected = "an absolute path",
          .fix = "Write it from the root, such as /opt/churn."});
}

wire::control::RegisteredImage wire_image(const records::ImageRow& row) {
  return {.image_name = row.name,
          .kind = wire::control::ImageKind::Executable,
          .command = row.command,
          .read_only_binds = row.read_only_binds,
          .creation_time = row.created_at};
}

}  // namespace

void Images::add_executable(const std::string& name, const std::vector<std::string>& command,
                            const std::vector<std::string>& read_only_binds) {
  ImageName image = parse_image_name(name);
  if (!image.registry.empty() || !image.digest.empty()) {
    refuse(
        {.where = "ImageName",
         .given = name,
         .expected = "a repository with or without a tag",
         .fix = "Leave out registry and digest: an image is found whatever registry a job names."});
  }
  image.tag.clear();
  if (algorithms_.find(image) != nullptr) {
    refuse({.where = "ImageName",
            .given = name,
            .expected = "a name that is not a built-in algorithm's",
            .fix = "Choose another name."});
  }
  if (command.empty() || command.front().empty()) {
    refuse({.where = "Command",
            .given = {},
            .expected = "a program and its leading arguments",
            .fix = {}});
  }
  check_absolute("Command", command.front());
  for (const std::string& bind : read_only_binds) check_absolute("ReadOnlyBinds", bind);
  const records::ImageRow row{
      .name = name, .command = command, .read_only_binds = read_only_binds, .created_at = now()};
  database_.write(
      [&](records::Connection& transaction) { records::ImageTable(transaction).put(row); });
}

std::optional<ExecutableImage> Images::find(const ImageName& image) const {
  const std::optional<records::ImageRow> row = database_.read([&](records::Connection& connection) {
    records::ImageTable table(connection);
    std::optional<records::ImageRow> exact;
    if (!image.tag.empty()) exact = table.find(image.repository + ":" + image.tag);
    return exact ? exact : table.find(image.repository);
  });
  if (!row) return std::nullopt;
  return ExecutableImage{.command = row->command, .read_only_binds = row->read_only_binds};
}

std::vector<std::string> Images::repositories() const {
  std::vector<std::string> names = algorithms_.repositories();
  for (const auto& [repository, framework] : FrameworkImages::all()) names.push_back(repository);
  const auto rows = database_.read(
      [](records::Connection& connection) { return records::ImageTable(connection).list(); });
  for (const records::ImageRow& row : rows) names.push_back(row.name);
  return names;
}

wire::control::RegisterImageResponse Images::register_image(
    const wire::control::RegisterImageRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:RegisterImage");
  add_executable(request.image_name, request.command,
                 request.read_only_binds.value_or(std::vector<std::string>{}));
  const auto row = database_.read([&](records::Connection& connection) {
    return records::ImageTable(connection).find(request.image_name);
  });
  return {.image = wire_image(row.value())};
}

wire::control::ListImagesResponse Images::list_images(const wire::control::ListImagesRequest&,
                                                      const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:ListImages");
  wire::control::ListImagesResponse response;
  for (const AlgorithmDescription& algorithm : algorithms_.all()) {
    for (const std::string& repository : algorithm.image_names) {
      response.images.push_back({.image_name = repository,
                                 .kind = wire::control::ImageKind::BuiltIn,
                                 .summary = algorithm.summary});
    }
  }
  for (const auto& [repository, framework] : FrameworkImages::all()) {
    response.images.push_back({.image_name = repository,
                               .kind = wire::control::ImageKind::BuiltIn,
                               .summary = std::string(framework->summary)});
  }
  const auto rows = database_.read(
      [](records::Connection& connection) { return records::ImageTable(connection).list(); });
  for (const records::ImageRow& row : rows) response.images.push_back(wire_image(row));
  return response;
}

}  // namespace millrace::catalog
