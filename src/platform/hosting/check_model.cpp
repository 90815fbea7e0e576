#include "platform/hosting/check_model.h"

#include <string_view>

#include "core/base/access_point.h"
#include "core/base/text.h"
#include "platform/aws/refuse.h"
#include "platform/aws/s3_location.h"
#include "platform/tags/tag_rules.h"

namespace millrace::hosting {
namespace {

namespace sm = wire::sagemaker;
using aws::refuse;
using aws::unsupported;

void check_source(const sm::S3ModelDataSource& source) {
  const std::string where = "ModelDataSource.S3DataSource.";
  if (source.hub_access_config) unsupported(where + "HubAccessConfig", "there are no hubs here.");
  if (source.model_access_config)
    unsupported(where + "ModelAccessConfig", "no model here has terms to accept. Leave it out.");
  if (source.manifest_s3_uri) {
    unsupported(where + "ManifestS3Uri", "name the files by their prefix in S3Uri.");
  }
  if (source.e_tag || source.manifest_etag)
    unsupported(where + "ETag", "objects have no versions here. Leave it out.");
  const bool archive = source.s3_data_type == sm::S3ModelDataType::S3Object &&
                       source.compression_type == sm::ModelCompressionType::Gzip;
  const bool tree = source.s3_data_type == sm::S3ModelDataType::S3Prefix &&
                    source.compression_type == sm::ModelCompressionType::None;
  if (!archive && !tree) {
    unsupported(where + "S3DataType " + source.s3_data_type + " with CompressionType " +
                    source.compression_type,
                "a model is one archive (S3Object, Gzip) or the files below a prefix (S3Prefix, "
                "None).");
  }
  if (tree && !source.s3_uri.ends_with('/')) {
    refuse({.where = where + "S3Uri",
            .given = source.s3_uri,
            .expected = "a prefix that ends in '/'",
            .fix = "Add the slash."});
  }
  if (archive && source.s3_uri.ends_with('/')) {
    refuse({.where = where + "S3Uri",
            .given = source.s3_uri,
            .expected = "one object, the archive",
            .fix = "Remove the slash."});
  }
}

void check_container(const sm::ContainerDefinition& container) {
  if (container.model_package_name || container.inference_specification_name) {
    unsupported("ModelPackageName",
                "there is no model registry here. Give Image and ModelDataUrl.");
  }
  if (container.mode == sm::ContainerMode::MultiModel || container.multi_model_config) {
    unsupported("Mode MultiModel", "make an endpoint or a variant for each model.");
  }
  if (container.additional_model_data_sources)
    unsupported("AdditionalModelDataSources", "put the files into the model's own data.");
  if (container.container_metrics_config) unsupported("ContainerMetricsConfig", "leave it out.");
  if (container.image_config &&
      container.image_config->repository_access_mode == sm::RepositoryAccessMode::Vpc) {
    unsupported("ImageConfig.RepositoryAccessMode Vpc",
                "images are on this machine. Leave it out.");
  }
  if (container.model_data_url && container.model_data_source)
    refuse("Give either ModelDataUrl or ModelDataSource, not both.");
  if (container.model_data_source) {
    if (!container.model_data_source->s3_data_source)
      refuse("ModelDataSource must have S3DataSource.");
    check_source(*container.model_data_source->s3_data_source);
  }
  if (!container.image)
    refuse("The container has no Image. Name a built-in algorithm or a registered image.");
}

void check_image(const std::string& image, const ModelChecks& checks) {
  const catalog::ImageName name = catalog::parse_image_name(image);
  if (checks.programs.find(name, {.verb = "serve"})) return;
  const std::optional<std::string> close = nearest(name.repository, checks.images.repositories());
  refuse({.where = "Image",
          .given = image,
          .expected = "a built-in algorithm (tag 1 or latest) or a registered image",
          .fix = (close ? "Did you mean '" + *close + "'? " : std::string()) +
                 "'millrace images list' shows what there is."});
}

void check_data(const std::string& url, const ModelObjects& objects) {
  if (url.empty()) return;
  const aws::S3Location place = aws::parse_s3_uri(url, "ModelDataUrl");
  if (place.key.empty()) {
    refuse({.where = "ModelDataUrl",
            .given = url,
            .expected = "an object or a prefix, s3://bucket/key",
            .fix = "Name what is in the bucket."});
  }
  const bool there = objects.has_bucket(place.bucket) &&
                     (place.key.ends_with('/') ? objects.has_prefix(place.bucket, place.key)
                                               : objects.has_object(place.bucket, place.key));
  if (!there) refuse("Could not find model data at " + url + ".");
}

}  // namespace

const sm::ContainerDefinition& container_of(const sm::CreateModelInput& request) {
  const std::size_t others = request.containers ? request.containers->size() : 0;
  if (request.primary_container && others > 0)
    refuse("Give either PrimaryContainer or Containers, not both.");
  if (request.primary_container) return *request.primary_container;
  if (others == 0) refuse("A model needs PrimaryContainer.");
  if (others > 1) {
    unsupported("Containers with several entries",
                "a model is served by one container. Give PrimaryContainer.");
  }
  return request.containers->front();
}

std::string model_data_url(const sm::ContainerDefinition& container) {
  if (container.model_data_url) return *container.model_data_url;
  if (container.model_data_source && container.model_data_source->s3_data_source)
    return container.model_data_source->s3_data_source->s3_uri;
  return {};
}

void check_model(const sm::CreateModelInput& request, const ModelChecks& checks) {
  const sm::ContainerDefinition& container = container_of(request);
  tags::check_tags(request.tags.value_or(std::vector<sm::Tag>{}));
  if (request.inference_execution_config &&
      request.inference_execution_config->mode == sm::InferenceExecutionMode::Direct) {
    unsupported("InferenceExecutionConfig.Mode Direct", "a model is served by one container.");
  }
  check_container(container);
  check_image(*container.image, checks);
  check_data(model_data_url(container), checks.objects);
}

}  // namespace millrace::hosting
