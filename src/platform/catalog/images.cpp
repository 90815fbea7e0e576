#include "platform/catalog/images.h"

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/base/log.h"
#include "platform/aws/access.h"
#include "platform/catalog/framework_images.h"
#include "platform/catalog/wire_container.h"

namespace millrace::catalog {
namespace {

[[noreturn]] void refuse(const Problem& problem) {
  throw Error(Blame::Customer, "ValidationException", describe(problem));
}

[[noreturn]] void refuse_unknown(const std::string& name) {
  refuse({.where = "ImageName",
          .given = name,
          .expected = "a registered image",
          .fix = "'millrace images list' shows what there is."});
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

wire::control::RegisteredImage wire_image(const records::ImageRow& row,
                                          const std::optional<containers::ImageRecord>& container) {
  wire::control::RegisteredImage image{.image_name = row.name,
                                       .kind = wire::control::ImageKind::Executable,
                                       .creation_time = row.created_at};
  if (container) {
    image.kind = wire::control::ImageKind::Container;
    image.container = wire_container(*container);
    return image;
  }
  image.command = row.command;
  image.read_only_binds = row.read_only_binds;
  return image;
}

bool has_digest(const std::optional<containers::ImageRecord>& container,
                const std::string& digest) {
  if (digest.empty()) return true;
  return container && (container->digest == digest || container->id == digest);
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
  std::optional<Registration> found = database_.read([&](records::Connection& connection) {
    records::ImageTable table(connection);
    for (const std::string& name : names) {
      auto row = table.find(name);
      if (!row) continue;
      auto container = container_of(*row);
      if (has_digest(container, image.digest))
        return std::optional(
            Registration{.row = *std::move(row), .container = std::move(container)});
    }
    return std::optional<Registration>();
  });
  if (!found && image.tag.empty() && !image.digest.empty()) {
    // "churn@sha256:...": whatever its tag is.
    for (Registration& each : registrations().list) {
      if (each.row.name.starts_with(image.repository + ":") &&
          has_digest(each.container, image.digest)) {
        found = std::move(each);
        break;
      }
    }
  }
  if (!found) return std::nullopt;
  return OwnImage{.command = std::move(found->row.command),
                  .read_only_binds = std::move(found->row.read_only_binds),
                  .container = std::move(found->container)};
}

Images::Registrations Images::registrations() const {
  Registrations found;
  const auto leave_out = [&](const std::string& name, const Error& error) {
    log_event("image-left-out", {{"image", name}, {"message", error.what()}});
    found.whole = false;
  };
  auto rows = database_.read([&](records::Connection& connection) {
    return records::ImageTable(connection).list(leave_out);
  });
  for (records::ImageRow& row : rows) {
    try {
      auto container = container_of(row);
      found.list.push_back({.row = std::move(row), .container = std::move(container)});
    } catch (const Error& error) {
      leave_out(row.name, error);
    }
  }
  return found;
}

std::vector<NamedContainer> Images::containers() const {
  std::vector<NamedContainer> found;
  for (Registration& each : registrations().list) {
    if (!each.container) continue;
    found.push_back({.name = parse_image_name(each.row.name),
                     .record = *std::move(each.container),
                     .created = each.row.created_at});
  }
  return found;
}

void Images::sweep() const {
  const Registrations all = registrations();
  if (!all.whole) return;
  std::set<std::string> ids;
  for (const Registration& each : all.list) {
    if (each.container) ids.insert(each.container->id);
  }
  store_.sweep(ids);
}

std::vector<std::string> Images::repositories() const {
  std::vector<std::string> names = algorithms_.repositories();
  for (const auto& [repository, framework] : FrameworkImages::all()) names.push_back(repository);
  for (Registration& each : registrations().list) names.push_back(std::move(each.row.name));
  return names;
}

wire::control::RegisteredImage Images::described(const std::string& name) const {
  const auto row = database_.read(
      [&](records::Connection& connection) { return records::ImageTable(connection).find(name); });
  if (!row) refuse_unknown(name);
  return wire_image(*row, container_of(*row));
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
    return {.image = described(request.image_name)};
  }
  std::optional<containers::ImageRecord> record = store_.find(*request.image_id);
  if (!record) {
    refuse({.where = "ImageId",
            .given = *request.image_id,
            .expected = "an image that is unpacked in this daemon's data directory",
            .fix = "Add it with 'millrace images add' and that --data-dir."});
  }
  if (request.export_) note_export(*request.export_, store_, *record);
  add_container(request.image_name, *record);
  return {.image = described(request.image_name)};
}

wire::control::DescribeImageResponse Images::describe_image(
    const wire::control::DescribeImageRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:DescribeImage");
  return {.image = described(request.image_name)};
}

wire::control::DeregisterImageResponse Images::deregister_image(
    const wire::control::DeregisterImageRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:DeregisterImage");
  const std::scoped_lock lock(naming_);
  const std::vector<Registration> all = registrations().list;
  const auto own = std::find_if(all.begin(), all.end(), [&](const Registration& each) {
    return each.row.name == request.image_name;
  });
  // Held until the name is gone: what would start in the image meanwhile waits, and what starts
  // after that keeps its files until it has ended.
  std::optional<Fd> claim;
  if (own != all.end() && own->container) {
    const std::string& id = own->container->id;
    const auto names = std::count_if(all.begin(), all.end(), [&](const Registration& each) {
      return each.container && each.container->id == id;
    });
    if (names == 1 && !(claim = store_.claim(id))) {
      throw Error(Blame::Customer, "ResourceInUse",
                  "ImageName: '" + request.image_name +
                      "' is what a job or an endpoint runs in at this moment. Wait until it has "
                      "ended, or stop it, then remove the image.");
    }
  }
  bool removed = false;
  database_.write([&](records::Connection& transaction) {
    removed = records::ImageTable(transaction).remove(request.image_name);
  });
  claim.reset();
  // One that cannot be read is removed by its name all the same.
  if (!removed) refuse_unknown(request.image_name);
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
  for (const Registration& each : registrations().list)
    response.images.push_back(wire_image(each.row, each.container));
  return response;
}

}  // namespace millrace::catalog
