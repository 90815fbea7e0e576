#pragma once

#include <filesystem>
#include <string>

namespace millrace::cli {

/// Writes what botocore and the AWS CLI, however old, need to find the daemon at `endpoint`
/// ("https://127.0.0.1:9000") by themselves, where it stands in AWS_DATA_PATH or as ~/.aws/models:
/// `endpoints.json`, from which the SageMaker SDK takes the host of STS; a rule set for each
/// service, which sends it there without any endpoint variable; and the model of
/// sagemaker-metrics, which botocore lacks before 1.29.28.
///
/// `directory` exists and is empty.
void write_client_kit(const std::filesystem::path& directory, const std::string& endpoint);

/// Only the models of services that an older botocore does not know, below `directory`; for clients
/// that find their way otherwise. What is there already stays untouched.
void write_missing_models(const std::filesystem::path& directory);

/// A name that says what the directory is, so that the next kit may take its place.
bool is_client_kit(const std::filesystem::path& directory);

}  // namespace millrace::cli
