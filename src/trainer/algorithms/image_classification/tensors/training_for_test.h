#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/io/file.h"
#include "trainer/algorithms/image_classification/algorithm.h"
#include "trainer/algorithms/image_classification/tensors/tensor_algorithm.h"
#include "trainer/job/job_folder.h"

namespace millrace::image_classification {

/// The log of a job that was run to its end.
inline std::string run(const JobFolder& folder, std::stop_token stop = {}) {
  testing::internal::CaptureStdout();
  try {
    Job job(folder.paths(), std::move(stop));
    algorithm().check(job);
    train(job);
  } catch (...) {
    (void)testing::internal::GetCapturedStdout();
    throw;
  }
  return testing::internal::GetCapturedStdout();
}

/// What the customer is told of a job that cannot be run.
inline std::string refusal(const JobFolder& folder) {
  try {
    (void)run(folder);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

inline bool has(const std::string& log, const std::string& words) {
  return log.find(words) != std::string::npos;
}

inline std::map<std::string, std::string> files_of(const std::filesystem::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    files[entry.path().filename().string()] = read_file(entry.path());
  return files;
}

/// The model of `from` as the channel `model` of `to`.
inline void add_model(JobFolder& to, const JobFolder& from) {
  to.add_channel({.name = "model", .content_type = "application/x-sagemaker-model"},
                 files_of(from.paths().model()));
}

/// What `from` has for a job that goes on after it was interrupted.
inline void give_checkpoints(const JobFolder& from, const JobFolder& to) {
  std::filesystem::create_directories(to.paths().checkpoints().parent_path());
  std::filesystem::copy(from.paths().checkpoints(), to.paths().checkpoints(),
                        std::filesystem::copy_options::recursive);
}

}  // namespace millrace::image_classification
