#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "generated/aws/control/types.h"
#include "platform/aws/caller.h"
#include "platform/catalog/algorithms.h"
#include "platform/catalog/image_name.h"
#include "platform/containers/image_store.h"
#include "platform/records/database.h"
#include "platform/records/images.h"

namespace millrace::catalog {

/// What jobs may name as their image, besides built-in algorithms and framework images: a program
/// of this machine, or a container image that was unpacked.
struct OwnImage {
  std::vector<std::string> command;  ///< program and leading arguments; the job's own follow
  std::vector<std::string> read_only_binds;            ///< host paths it needs
  std::optional<containers::ImageRecord> container{};  ///< then the other two are empty
};

/// One name of a container image.
struct NamedContainer {
  ImageName name;
  containers::ImageRecord record;
  Time created{};
};

/// What the operator has registered, and the list of all that TrainingImage may name.
///
///     images.add_executable("churn", {"/opt/churn/train"}, {"/opt/churn"});
///     images.find(parse_image_name("registry.local/churn:3"));
class Images {
 public:
  /// Both references must outlive this. Without a store there are no container images.
  Images(records::Database& database, const Algorithms& algorithms,
         containers::ImageStore store = {})
      : database_(database), algorithms_(algorithms), store_(std::move(store)) {}

  /// `name` is a repository with or without a tag; without one it answers for every tag. Replaces
  /// an earlier registration. Throws Error(Customer, ValidationException) for a program that is not
  /// an absolute path and for the name of a built-in algorithm.
  void add_executable(const std::string& name, const std::vector<std::string>& command,
                      const std::vector<std::string>& read_only_binds);
  /// The same for an image of the store.
  void add_container(const std::string& name, const containers::ImageRecord& record);
  /// The registration for "repository:tag", else for "repository"; without a tag for "repository",
  /// else for "repository:latest". Where `image` names a digest it has to be that of a container
  /// image, whichever of its two that is: a program has none.
  [[nodiscard]] std::optional<OwnImage> find(const ImageName& image) const;
  /// Where the root file system of a container image is.
  [[nodiscard]] std::filesystem::path root_of(const containers::ImageRecord& record) const {
    return store_.root_of(record.id);
  }
  /// Its manifest as text; empty where the export had none.
  [[nodiscard]] std::string manifest_of(const containers::ImageRecord& record) const {
    return store_.manifest_of(record.id, record.digest);
  }
  [[nodiscard]] std::vector<NamedContainer> containers() const;
  /// Every repository a job could name, for suggestions.
  [[nodiscard]] std::vector<std::string> repositories() const;
  /// Removes unpacked images that no name leads to and no program runs in; none while there is a
  /// registration that cannot be read, since its name may be the one that leads to them.
  void sweep() const;

  wire::control::RegisterImageResponse register_image(
      const wire::control::RegisterImageRequest& request, const aws::Caller& caller);
  wire::control::ListImagesResponse list_images(const wire::control::ListImagesRequest& request,
                                                const aws::Caller& caller);
  wire::control::DescribeImageResponse describe_image(
      const wire::control::DescribeImageRequest& request, const aws::Caller& caller);
  wire::control::DeregisterImageResponse deregister_image(
      const wire::control::DeregisterImageRequest& request, const aws::Caller& caller);

 private:
  /// A registration with its container image, where it is one.
  struct Registration {
    records::ImageRow row;
    std::optional<containers::ImageRecord> container;
  };
  struct Registrations {
    std::vector<Registration> list;  ///< by name
    bool whole = true;               ///< none was left out
  };
  /// All that can be read: one that cannot, as another version has written it, is logged and left
  /// out.
  [[nodiscard]] Registrations registrations() const;
  void check_name(const std::string& name) const;
  void put(const records::ImageRow& row) const;
  [[nodiscard]] wire::control::RegisteredImage described(const std::string& name) const;

  records::Database& database_;
  const Algorithms& algorithms_;
  const containers::ImageStore store_;
  /// Held while names change, so that what is swept has no name that comes meanwhile.
  std::mutex naming_;
};

}  // namespace millrace::catalog
