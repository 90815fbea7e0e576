#include "platform/catalog/images.h"

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "platform/aws/access.h"
#include "platform/catalog/framework_images.h"
#include "platform/catalog/wire_container.h"

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

std::optional<containers::ImageRecord> container_of(const records::ImageRow& row) {
  if (row.container.empty()) return std::nullopt;
  return containers::parse_record(row.container, "the record of image " + row.name);
}

wire::control::RegisteredImage wire_image(const records::ImageRow& row) {
  wire::control::RegisteredImage image{.image_name = row.name,
                                       .kind = wire::control::ImageKind::Executable,
                                       .creation_time = row.created_at};
  if (const auto container = container_of(row)) {
    image.kind = wire::control::ImageKind::Container;
    image.container = wire_container(*container);
    return image;
  }
  image.command = row.command;
  image.read_only_binds = row.read_only_binds;
  return image;
}

bool has_digest(const records::ImageRow& row, const std::string& digest) {
  if (digest.empty() || row.container.empty()) return true;
  const auto container = container_of(row);
  return container->digest == digest || container->id == digest;
}

}  // namespace

void Images::check_name(const std::string& name) const {
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
}

void Images::put(const records::ImageRow& row) const {
  database_.write(
      [&](records::Connection& transaction) { records::ImageTable(transaction).put(row); });
}

void Images::add_executable(const std::string& name, const std::vector<std::string>& command,
                            const std::vector<std::string>& read_only_binds) {
  check_name(name);
  if (command.empty() || command.front().empty()) {
    refuse({.where = "Command",
            .given = {},
            .expected = "a program and its leading arguments",
            .fix = {}});
  }
  check_absolute("Command", command.front());
  for (const std::string& bind : read_only_binds) check_absolute("ReadOnlyBinds", bind);
  put({.name = name, .command = command, .read_only_binds = read_only_binds, .created_at = now()});
}

void Images::add_container(const std::string& name, const containers::ImageRecord& record) {
  check_name(name);
  put({.name = name,
       .command = {},
       .read_only_binds = {},
       .created_at = now(),
       .container = containers::record_text(record)});
}

std::optional<OwnImage> Images::find(const ImageName& image) const {
  std::vector<std::string> names{image.repository};
  if (image.tag.empty()) {
    names.push_back(image.repository + ":latest");
  } else {
    names.insert(names.begin(), image.repository + ":" + image.tag);
  }
  const auto row = database_.read([&](records::Connection& connection) {
    records::ImageTable table(connection);
    std::optional<records::ImageRow> found;
    for (const std::string& name : names) {
      found = table.find(name);
      if (found && has_digest(*found, image.digest)) return found;
    }
    if (image.tag.empty() && !image.digest.empty()) {
      // "churn@sha256:...": whatever its tag is.
      for (const records::ImageRow& each : table.list()) {
        if (each.name.starts_with(image.repository + ":") && !each.container.empty() &&
            has_digest(each, image.digest))
          return std::optional(each);
      }
    }
    return std::optional<records::ImageRow>();
  });
  if (!row) return std::nullopt;
  return OwnImage{.command = row->command,
                  .read_only_binds = row->read_only_binds,
                  .container = container_of(*row)};
}

std::vector<NamedContainer> Images::containers() const {
  const auto rows = database_.read(
      [](records::Connection& connection) { return records::ImageTable(connection).list(); });
  std::vector<NamedContainer> found;
  for (const records::ImageRow& row : rows) {
    if (auto container = container_of(row)) {
      found.push_back({.name = parse_image_name(row.name),
                       .record = *std::move(container),
                       .created = row.created_at});
    }
  }
  return found;
}

void Images::sweep() const {
  std::set<std::string> ids;
  for (const NamedContainer& image : containers()) ids.insert(image.record.id);
  store_.sweep(ids);
}

std::vector<std::string> Images::repositories() const {
  std::vector<std::string> names = algorithms_.repositories();
  for (const auto& [repository, framework] : FrameworkImages::all()) names.push_back(repository);
  const auto rows = database_.read(
      [](records::Connection& connection) { return records::ImageTable(connection).list(); });
  for (const records::ImageRow& row : rows) names.push_back(row.name);
  return names;
}

records::ImageRow Images::row_of(const std::string& name) const {
  auto row = database_.read(
      [&](records::Connection& connection) { return records::ImageTable(connection).find(name); });
  if (!row) {
    refuse({.where = "ImageName",
            .given = name,
            .expected = "a registered image",
            .fix = "'millrace images list' shows what there is."});
  }
  return *std::move(row);
}

wire::control::RegisterImageResponse Images::register_image(
    const wire::control::RegisterImageRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:RegisterImage");
  const std::scoped_lock lock(naming_);
  if (request.command.has_value() == request.image_id.has_value()) {
    refuse({.where = "RegisterImage",
            .given = request.command ? "Command and ImageId" : "",
            .expected = "either Command or ImageId",
            .fix = {}});
  }
  if (request.command) {
    add_executable(request.image_name, *request.command,
                   request.read_only_binds.value_or(std::vector<std::string>{}));
    return {.image = wire_image(row_of(request.image_name))};
  }
  std::optional<containers::ImageRecord> record = store_.find(*request.image_id);
  if (!record) {
    refuse({.where = "ImageId",
            .given = *request.image_id,
            .expected = "an image that is unpacked in this daemon's data directory",
            .fix = "Add it with 'millrace images add' and that --data-dir."});
  }
  if (request.export_) note_export(*request.export_, *record);
  add_container(request.image_name, *record);
  return {.image = wire_image(row_of(request.image_name))};
}

wire::control::DescribeImageResponse Images::describe_image(
    const wire::control::DescribeImageRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:DescribeImage");
  return {.image = wire_image(row_of(request.image_name))};
}

wire::control::DeregisterImageResponse Images::deregister_image(
    const wire::control::DeregisterImageRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:DeregisterImage");
  const std::scoped_lock lock(naming_);
  const records::ImageRow row = row_of(request.image_name);
  const auto record = container_of(row);
  const std::vector<NamedContainer> all = containers();
  const auto names =
      record
          ? std::count_if(all.begin(), all.end(),
                          [&](const NamedContainer& each) { return each.record.id == record->id; })
          : 0;
  // Without its name, but not before: a ticket that is given out in between is for the name.
  database_.write(
      [&](records::Connection& transaction) { records::ImageTable(transaction).remove(row.name); });
  if (names == 1 && store_.in_use(record->id)) {
    put(row);
    throw Error(Blame::Customer, "ResourceInUse",
                "ImageName: '" + row.name +
                    "' is what a job or an endpoint runs in at this moment. Wait until it has "
                    "ended, or stop it, then remove the image.");
  }
  sweep();
  return {};
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
