#include "platform/containers/exported_image.h"

#include <algorithm>
#include <optional>
#include <variant>

#include "core/base/refuse.h"
#include "core/base/text.h"

namespace millrace::containers {
namespace {

constexpr int kMaxNesting = 4;
/// OCI image layout 1.1; the others are containerd's, which docker save of today writes.
constexpr const char* kReference = "org.opencontainers.image.ref.name";
constexpr const char* kImageName = "io.containerd.image.name";
/// BuildKit lists what it attests of a build as if it were an image of its own.
constexpr const char* kAttestation = "vnd.docker.reference.type";

std::string blob_path(const std::string& digest) {
  return "blobs/sha256/" + digest_hex(digest);
}

std::string read_text(const ImageFiles& files, const std::string& path) {
  std::optional<ImageFile> file = files.open(path);
  if (!file) {
    refuse(files.origin() + ", " + path, {}, "a file of this name",
           "The export is not whole: export the image again.");
  }
  return read_all(*file->content, kMaxDocumentBytes, files.origin() + ", " + path);
}

std::string read_blob(const ImageFiles& files, const Descriptor& descriptor) {
  const std::string path = blob_path(descriptor.digest);
  std::string text = read_text(files, path);
  if (const std::string found = sha256_digest(text); found != descriptor.digest) {
    refuse(files.origin() + ", " + path, found, "the digest " + descriptor.digest,
           "The export is damaged: export the image again.");
  }
  return text;
}

std::string annotation(const Descriptor& descriptor, const char* name) {
  const auto found = descriptor.annotations.find(name);
  return found == descriptor.annotations.end() ? std::string() : found->second;
}

std::string name_of(const Descriptor& descriptor) {
  std::string name = annotation(descriptor, kImageName);
  return name.empty() ? annotation(descriptor, kReference) : name;
}

/// cosign keeps the signature of an image under a tag made of its digest.
bool is_signature(const Descriptor& descriptor) {
  const std::string name = annotation(descriptor, kReference);
  return name.starts_with("sha256-") && name.ends_with(".sig");
}

/// "churn:3" also names "docker.io/library/churn:3".
bool is_named(const Descriptor& descriptor, const std::string& reference) {
  const std::string name = annotation(descriptor, kImageName);
  return name == reference || name.ends_with("/" + reference) ||
         annotation(descriptor, kReference) == reference || descriptor.digest == reference;
}

[[noreturn]] void refuse_choice(const ImageFiles& files, const std::string& reference,
                                const std::vector<std::string>& names) {
  refuse(files.origin(), reference.empty() ? std::to_string(names.size()) + " images" : reference,
         reference.empty() ? "one image" : "an image of this export",
         "Choose with --ref: " + join(names, ", ") + ".");
}

[[noreturn]] void refuse_platform(const std::string& where, const std::string& given,
                                  const Platform& machine) {
  refuse(where, given, "an image for this machine, " + platform_text(machine),
         "Export the image for that platform.");
}

void check_platform(const ImageFiles& files, const ImageConfig& config, const Platform& machine) {
  if (!runs_on(config.platform, machine))
    refuse_platform(files.origin(), platform_text(config.platform), machine);
}

struct FoundManifest {
  std::string text;
  Descriptor descriptor;
  Manifest manifest;
};

/// Down the index to the manifest for this machine.
FoundManifest manifest_for(const ImageFiles& files, const Descriptor& descriptor,
                           const Platform& machine, int depth) {
  const std::string where = files.origin() + ", " + blob_path(descriptor.digest);
  if (depth > kMaxNesting) refuse(where, {}, "fewer indexes within each other");
  std::string text = read_blob(files, descriptor);
  auto parsed = parse_manifest(text, where);
  if (auto* manifest = std::get_if<Manifest>(&parsed))
    return {.text = std::move(text), .descriptor = descriptor, .manifest = std::move(*manifest)};
  std::vector<std::string> others;
  for (const Descriptor& each : std::get<Index>(parsed).manifests) {
    if (!annotation(each, kAttestation).empty()) continue;
    if (!each.platform || runs_on(*each.platform, machine))
      return manifest_for(files, each, machine, depth + 1);
    others.push_back(platform_text(*each.platform));
  }
  refuse_platform(where, join(others, ", "), machine);
}

std::vector<ExportedLayer> layers_of(const ImageFiles& files, const Manifest& manifest,
                                     const ImageConfig& config) {
  if (manifest.layers.size() != config.diff_ids.size()) {
    refuse(files.origin(), std::to_string(manifest.layers.size()) + " layers in the manifest",
           std::to_string(config.diff_ids.size()) + ", as the configuration has them",
           "The export is damaged: export the image again.");
  }
  std::vector<ExportedLayer> layers;
  for (const Descriptor& layer : manifest.layers) {
    if (layer.media_type.ends_with("+encrypted")) {
      refuse(files.origin() + ", layer " + std::to_string(layers.size() + 1), layer.media_type,
             "a layer that is not encrypted", "Decrypt the image when exporting it.");
    }
    layers.push_back({.file = blob_path(layer.digest),
                      .digest = layer.digest,
                      .diff_id = config.diff_ids[layers.size()],
                      .size = layer.size});
  }
  return layers;
}

ExportedImage find_in_layout(const ImageFiles& files, const std::string& reference,
                             const Platform& machine) {
  const std::string where = files.origin() + ", index.json";
  const auto parsed = parse_manifest(read_text(files, "index.json"), where);
  const Index* index = std::get_if<Index>(&parsed);
  if (index == nullptr) refuse(where, "a manifest", "an index");

  std::vector<Descriptor> candidates;
  std::vector<std::string> names;
  for (const Descriptor& each : index->manifests) {
    if (is_signature(each) || !annotation(each, kAttestation).empty()) continue;
    names.push_back(name_of(each).empty() ? each.digest : name_of(each));
    if (reference.empty() || is_named(each, reference)) candidates.push_back(each);
  }
  // One image may be there under several names, or for several platforms without a common index.
  if (candidates.size() > 1) {
    std::erase_if(candidates, [&](const Descriptor& each) {
      return each.platform && !runs_on(*each.platform, machine);
    });
  }
  const bool one = !candidates.empty() &&
                   std::all_of(candidates.begin(), candidates.end(), [&](const Descriptor& each) {
                     return each.digest == candidates.front().digest;
                   });
  if (!one) refuse_choice(files, reference, names);

  FoundManifest found = manifest_for(files, candidates.front(), machine, 1);
  const std::string config_text = read_blob(files, found.manifest.config);
  const Descriptor& config = found.manifest.config;
  ExportedImage image{
      .id = config.digest,
      .digest = found.descriptor.digest,
      .media_type = found.manifest.media_type.empty() ? found.descriptor.media_type
                                                      : found.manifest.media_type,
      .manifest = std::move(found.text),
      .reference = name_of(candidates.front()),
      .config = parse_config(config_text, files.origin() + ", " + blob_path(config.digest))};
  check_platform(files, image.config, machine);
  image.layers = layers_of(files, found.manifest, image.config);
  const std::string signature = "sha256-" + digest_hex(candidates.front().digest) + ".sig";
  image.signature_beside = std::any_of(
      index->manifests.begin(), index->manifests.end(),
      [&](const Descriptor& each) { return annotation(each, kReference) == signature; });
  return image;
}

const SavedImage& choose(const std::vector<SavedImage>& images, const ImageFiles& files,
                         const std::string& reference) {
  if (reference.empty() && images.size() == 1) return images.front();
  std::vector<std::string> names;
  for (const SavedImage& image : images) {
    names.insert(names.end(), image.tags.begin(), image.tags.end());
    if (!reference.empty() &&
        std::find(image.tags.begin(), image.tags.end(), reference) != image.tags.end())
      return image;
  }
  refuse_choice(files, reference, names);
}

/// Blobs of today's `docker save` carry their digest in their name.
std::string digest_in_name(const std::string& file) {
  constexpr std::string_view kBlobs = "blobs/sha256/";
  if (!file.starts_with(kBlobs)) return {};
  std::string digest = "sha256:" + file.substr(kBlobs.size());
  return is_digest(digest) ? digest : std::string();
}

ExportedImage find_saved(const ImageFiles& files, const std::string& reference,
                         const Platform& machine) {
  const std::vector<SavedImage> images =
      parse_saved_images(read_text(files, "manifest.json"), files.origin() + ", manifest.json");
  const SavedImage& saved = choose(images, files, reference);
  const std::string config_text = read_text(files, saved.config);
  ExportedImage image{.id = sha256_digest(config_text),
                      .digest = {},
                      .media_type = {},
                      .manifest = {},
                      .reference = saved.tags.empty() ? std::string() : saved.tags.front(),
                      .config = parse_config(config_text, files.origin() + ", " + saved.config)};
  image.digest = image.id;
  std::string named = digest_in_name(saved.config);
  // Old ones call it "<64 digits>.json".
  if (named.empty() && is_digest("sha256:" + saved.config.substr(0, saved.config.find('.'))))
    named = "sha256:" + saved.config.substr(0, saved.config.find('.'));
  if (!named.empty() && named != image.id) {
    refuse(files.origin() + ", " + saved.config, image.id, "the digest in its name",
           "The export is damaged: export the image again.");
  }
  check_platform(files, image.config, machine);
  if (saved.layers.size() != image.config.diff_ids.size()) {
    refuse(files.origin() + ", manifest.json", std::to_string(saved.layers.size()) + " layers",
           std::to_string(image.config.diff_ids.size()) + ", as the configuration has them",
           "The export is damaged: export the image again.");
  }
  for (const std::string& layer : saved.layers) {
    const std::optional<ImageFile> file = files.open(layer);
    image.layers.push_back({.file = layer,
                            .digest = digest_in_name(layer),
                            .diff_id = image.config.diff_ids[image.layers.size()],
                            .size = file ? file->size : 0});
  }
  return image;
}

}  // namespace

ExportedImage find_image(const ImageFiles& files, const std::string& reference,
                         const Platform& machine) {
  // Today's `docker save` writes both; the index has digests for everything.
  if (files.open("index.json")) return find_in_layout(files, reference, machine);
  if (files.open("manifest.json")) return find_saved(files, reference, machine);
  refuse(files.origin(), {}, "index.json (an OCI layout) or manifest.json (`docker save`)",
         "Export the image with `docker save`, `podman save`, or `skopeo copy ... oci:DIR`.");
}

}  // namespace millrace::containers
