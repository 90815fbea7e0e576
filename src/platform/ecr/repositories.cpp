#include "platform/ecr/repositories.h"

#include <algorithm>
#include <map>
#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/access.h"

namespace millrace::ecr {
namespace {

namespace ecr = wire::ecr;
using catalog::NamedContainer;

/// As published.
constexpr std::int64_t kDefaultPage = 100;

[[noreturn]] void refuse(const char* code, std::string message) {
  throw Error(Blame::Customer, code, std::move(message));
}

std::string tag_of(const NamedContainer& image) {
  return image.name.tag.empty() ? "latest" : image.name.tag;
}

std::string registry_of(const std::optional<std::string>& requested, const aws::Caller& caller) {
  return requested.value_or(caller.account);
}

[[noreturn]] void repository_not_found(const std::string& name, const std::string& registry) {
  refuse("RepositoryNotFoundException", "The repository with name '" + name +
                                            "' does not exist in the registry with id '" +
                                            registry + "'");
}

/// Of everything, in the order of `key`: what follows the token. Tokens are opaque to clients: the
/// last key of the page before, in base64.
template <class T, class Key>
std::optional<std::string> cut_page(std::vector<T>& all, const Key& key,
                                    const std::optional<std::string>& token,
                                    const std::optional<std::int64_t>& size) {
  if (token) {
    const std::optional<std::string> last = from_base64(*token);
    if (!last)
      refuse("InvalidParameterException", "Invalid nextToken. Use that of the page before.");
    std::erase_if(all, [&](const T& each) { return key(each) <= *last; });
  }
  const auto limit = static_cast<std::size_t>(size.value_or(kDefaultPage));
  if (all.size() <= limit) return std::nullopt;
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(limit), all.end());
  return to_base64(key(all.back()));
}

bool is_image(const NamedContainer& image, const ecr::ImageIdentifier& id) {
  return (!id.image_tag || *id.image_tag == tag_of(image)) &&
         (!id.image_digest || *id.image_digest == image.record.digest);
}

ecr::ImageIdentifier identifier(const NamedContainer& image) {
  return {.image_digest = image.record.digest, .image_tag = tag_of(image)};
}

void check_identifier(const ecr::ImageIdentifier& id) {
  if (!id.image_tag && !id.image_digest) {
    refuse("InvalidParameterException",
           "Invalid parameter at 'imageIds' failed to satisfy constraint: 'an imageId has an "
           "imageTag or an imageDigest'");
  }
}

ecr::ImageDetail detail_of(const std::string& registry, const NamedContainer& image) {
  std::uint64_t stored = 0;
  for (const containers::RecordedLayer& layer : image.record.layers) stored += layer.size;
  ecr::ImageDetail detail{.registry_id = registry,
                          .repository_name = image.name.repository,
                          .image_digest = image.record.digest,
                          .image_tags = std::vector<std::string>{tag_of(image)},
                          .image_size_in_bytes = static_cast<std::int64_t>(stored),
                          .image_pushed_at = image.created};
  if (!image.record.media_type.empty()) detail.image_manifest_media_type = image.record.media_type;
  return detail;
}

/// One detail for each digest, with all its tags, in the order of digests.
std::vector<ecr::ImageDetail> details_of(const std::string& registry,
                                         const std::vector<NamedContainer>& images) {
  std::map<std::string, ecr::ImageDetail> details;
  for (const NamedContainer& image : images) {
    const auto [known, is_new] =
        details.try_emplace(image.record.digest, detail_of(registry, image));
    if (is_new) continue;
    known->second.image_tags->push_back(tag_of(image));
    known->second.image_pushed_at = std::max(*known->second.image_pushed_at, image.created);
  }
  std::vector<ecr::ImageDetail> list;
  for (auto& [digest, detail] : details) list.push_back(std::move(detail));
  return list;
}

std::string shown(const std::optional<std::string>& text) {
  return "'" + text.value_or("null") + "'";
}

}  // namespace

std::vector<NamedContainer> Repositories::images_of(const std::string& repository,
                                                    const std::string& registry) const {
  std::vector<NamedContainer> images = images_.containers();
  std::erase_if(images,
                [&](const NamedContainer& each) { return each.name.repository != repository; });
  if (images.empty()) repository_not_found(repository, registry);
  return images;
}

ecr::DescribeRepositoriesResponse Repositories::describe_repositories(
    const ecr::DescribeRepositoriesRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "ecr:DescribeRepositories");
  const std::string registry = registry_of(request.registry_id, caller);
  std::map<std::string, Time> created;
  for (const NamedContainer& image : images_.containers()) {
    const auto [known, is_new] = created.try_emplace(image.name.repository, image.created);
    if (!is_new) known->second = std::min(known->second, image.created);
  }
  std::vector<std::string> names;
  for (const auto& [name, time] : created) names.push_back(name);
  if (request.repository_names) {
    for (const std::string& name : *request.repository_names) {
      if (!created.contains(name)) repository_not_found(name, registry);
    }
    names = *request.repository_names;
  }
  ecr::DescribeRepositoriesResponse response;
  if (!request.repository_names) {
    response.next_token = cut_page(
        names, [](const std::string& name) { return name; }, request.next_token,
        request.max_results);
  }
  response.repositories.emplace();
  for (const std::string& name : names) {
    response.repositories->push_back(
        {.repository_arn = "arn:aws:ecr:" + caller.region + ":" + registry + ":repository/" + name,
         .registry_id = registry,
         .repository_name = name,
         .repository_uri = registry + ".dkr.ecr." + caller.region + ".amazonaws.com/" + name,
         .created_at = created.at(name),
         .image_tag_mutability = ecr::ImageTagMutability::MUTABLE});
  }
  return response;
}

ecr::DescribeImagesResponse Repositories::describe_images(const ecr::DescribeImagesRequest& request,
                                                          const aws::Caller& caller) {
  aws::require_own_key(caller, "ecr:DescribeImages");
  const std::string registry = registry_of(request.registry_id, caller);
  std::vector<NamedContainer> images = images_of(request.repository_name, registry);
  if (request.image_ids) {
    std::vector<NamedContainer> chosen;
    for (const ecr::ImageIdentifier& id : *request.image_ids) {
      check_identifier(id);
      const auto found =
          std::find_if(images.begin(), images.end(),
                       [&](const NamedContainer& each) { return is_image(each, id); });
      if (found == images.end()) {
        refuse("ImageNotFoundException",
               "The image with imageId {imageDigest:" + shown(id.image_digest) + ", imageTag:" +
                   shown(id.image_tag) + "} does not exist within the repository with name '" +
                   request.repository_name + "' in the registry with id '" + registry + "'");
      }
      // All tags of the digest are told of.
      std::copy_if(images.begin(), images.end(), std::back_inserter(chosen),
                   [&](const NamedContainer& each) {
                     return each.record.digest == found->record.digest &&
                            std::none_of(chosen.begin(), chosen.end(), [&](const auto& one) {
                              return tag_of(one) == tag_of(each);
                            });
                   });
    }
    images = std::move(chosen);
  }
  ecr::DescribeImagesResponse response;
  // Everything here has a tag.
  if (request.filter && request.filter->tag_status == ecr::TagStatus::UNTAGGED) images.clear();
  response.image_details = details_of(registry, images);
  response.next_token = cut_page(
      *response.image_details, [](const ecr::ImageDetail& detail) { return *detail.image_digest; },
      request.next_token, request.max_results);
  return response;
}

ecr::ListImagesResponse Repositories::list_images(const ecr::ListImagesRequest& request,
                                                  const aws::Caller& caller) {
  aws::require_own_key(caller, "ecr:ListImages");
  std::vector<NamedContainer> images =
      images_of(request.repository_name, registry_of(request.registry_id, caller));
  if (request.filter && request.filter->tag_status == ecr::TagStatus::UNTAGGED) images.clear();
  std::sort(images.begin(), images.end(),
            [](const NamedContainer& a, const NamedContainer& b) { return tag_of(a) < tag_of(b); });
  ecr::ListImagesResponse response;
  response.next_token = cut_page(images, tag_of, request.next_token, request.max_results);
  response.image_ids.emplace();
  for (const NamedContainer& image : images) response.image_ids->push_back(identifier(image));
  return response;
}

ecr::BatchGetImageResponse Repositories::batch_get_image(const ecr::BatchGetImageRequest& request,
                                                         const aws::Caller& caller) {
  aws::require_own_key(caller, "ecr:BatchGetImage");
  const std::string registry = registry_of(request.registry_id, caller);
  const std::vector<NamedContainer> images = images_of(request.repository_name, registry);
  ecr::BatchGetImageResponse response{.images = std::vector<ecr::Image>{},
                                      .failures = std::vector<ecr::ImageFailure>{}};
  const auto fail = [&](const ecr::ImageIdentifier& id, const char* code, const char* reason) {
    response.failures->push_back(
        {.image_id = id, .failure_code = code, .failure_reason = std::string(reason)});
  };
  for (const ecr::ImageIdentifier& id : request.image_ids) {
    if (!id.image_tag && !id.image_digest) {
      fail(id, ecr::ImageFailureCode::MissingDigestAndTag,
           "Invalid request parameters: both tag and digest cannot be null");
      continue;
    }
    const auto found = std::find_if(images.begin(), images.end(),
                                    [&](const NamedContainer& each) { return is_image(each, id); });
    if (found == images.end()) {
      fail(id, ecr::ImageFailureCode::ImageNotFound, "Requested image not found");
      continue;
    }
    std::string manifest = images_.manifest_of(found->record);
    if (manifest.empty()) {
      fail(id, ecr::ImageFailureCode::ImageNotFound,
           "The image was added from an export without this manifest: its digest is known and its "
           "manifest is not");
      continue;
    }
    response.images->push_back({.registry_id = registry,
                                .repository_name = request.repository_name,
                                .image_id = identifier(*found),
                                .image_manifest = std::move(manifest),
                                .image_manifest_media_type = found->record.media_type});
  }
  return response;
}

ecr::GetAuthorizationTokenResponse Repositories::get_authorization_token(
    const ecr::GetAuthorizationTokenRequest&, const aws::Caller& caller) {
  aws::require_own_key(caller, "ecr:GetAuthorizationToken");
  refuse("InvalidParameterException",
         "There is no registry to log in to: nothing is pushed or pulled here. Images are added on "
         "the daemon's machine with 'millrace images add', which needs no token.");
}

}  // namespace millrace::ecr
