#include "platform/main/eval.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/augmented_manifest.h"
#include "core/data/content_types.h"
#include "generated/aws/sagemaker/operations.h"
#include "platform/cli/commands.h"
#include "platform/cli/connection.h"
#include "platform/cli/fetched_files.h"
#include "platform/main/run_trainer.h"

namespace millrace {
namespace {

namespace sagemaker = wire::sagemaker;
using TrainingJob = sagemaker::DescribeTrainingJobResponse;

constexpr const char* kCommand = "millrace eval";

struct EvalOptions {
  std::string model;
  std::string data;
  std::string channel;
  std::string list;
  std::string classes;
  std::string attributes = "source-ref,class";
  std::string label_format;
  std::optional<std::int64_t> resize;
  std::optional<std::int64_t> top_k;
  std::optional<std::int64_t> mistakes;
  std::optional<double> max_broken_images;
  std::string output;
};

TrainingJob described(const std::string& name, const std::filesystem::path& data_dir) {
  aws::Client client = cli::connect(data_dir);
  try {
    return client.call<sagemaker::ops::DescribeTrainingJob>({.training_job_name = name});
  } catch (const Error& error) {
    if (error.blame() != Blame::Customer) throw;
    throw Error(error.blame(), error.code(),
                "--model " + name + ", which is no file: as the name of a job: " + error.what());
  }
}

/// The job that --model names; nullopt where it is a path or a URI.
std::optional<TrainingJob> job_of(const std::string& model, const std::filesystem::path& data_dir) {
  if (cli::is_s3_uri(model) || std::filesystem::exists(model)) return std::nullopt;
  if (model.find_first_of("/.") != std::string::npos) {
    refuse("--model " + model, "nothing",
           "a model.tar.gz that is there, an s3:// URI or the name of a job", "Check the path.");
  }
  TrainingJob job = described(model, data_dir);
  if (job.model_artifacts.s3_model_artifacts.empty()) {
    refuse("--model", model, "a job that has a model; this one is " + job.training_job_status,
           "Wait for its end: millrace jobs logs --follow " + model);
  }
  return job;
}

const sagemaker::Channel* find_channel(const TrainingJob& job, const std::string& name) {
  if (!job.input_data_config) return nullptr;
  for (const sagemaker::Channel& channel : *job.input_data_config) {
    if (channel.channel_name == name) return &channel;
  }
  return nullptr;
}

const sagemaker::S3DataSource& s3_source_of(const sagemaker::Channel& channel) {
  if (channel.data_source.s3_data_source) return *channel.data_source.s3_data_source;
  refuse("--channel", channel.channel_name, "a channel whose data is in S3",
         "Name the folder of its file system with --data instead.");
}

/// The one .lst file of a list channel, as training looks for it.
std::filesystem::path only_list(const std::filesystem::path& fetched, const std::string& channel) {
  if (!std::filesystem::is_directory(fetched)) return fetched;
  std::vector<std::filesystem::path> lists;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(fetched)) {
    if (entry.path().extension() == ".lst") lists.push_back(entry.path());
  }
  if (lists.size() == 1) return lists[0];
  refuse("channel '" + channel + "'", std::to_string(lists.size()) + " .lst files",
         "one, with index, label and path of each image", "Name the list with --data and --list.");
}

std::optional<std::string> text_of(const std::optional<std::int64_t>& number) {
  return number ? std::optional(std::to_string(*number)) : std::nullopt;
}

std::optional<std::string> text_of(const std::optional<double>& number) {
  return number ? std::optional(number_text(*number)) : std::nullopt;
}

/// How the channel's labels list classes; empty where its ContentType does not say.
std::string label_format_of(const sagemaker::Channel& channel) {
  if (!channel.content_type) return {};
  const std::string place = "channel '" + channel.channel_name + "': ContentType";
  return parse_content_type(*channel.content_type, place).label_format.value_or("");
}

/// Words for the trainer, of options that say the same to it.
class Arguments {
 public:
  void add(const char* option, const std::string& value) {
    words_.emplace_back(option);
    words_.push_back(value);
  }
  void add_if(const char* option, const std::optional<std::string>& value) {
    if (value) add(option, *value);
  }
  std::vector<std::string> take() { return std::move(words_); }

 private:
  std::vector<std::string> words_{"evaluate"};
};

class Evaluation {
 public:
  Evaluation(const EvalOptions& options, const std::filesystem::path& data_dir)
      : options_(options), job_(job_of(options.model, data_dir)), files_(data_dir) {}

  int run() {
    arguments_.add(
        "--model",
        files_.file(job_ ? job_->model_artifacts.s3_model_artifacts : options_.model, "model"));
    if (options_.channel.empty()) {
      add_data();
    } else {
      add_channel();
    }
    if (!options_.classes.empty())
      arguments_.add("--classes", files_.file(options_.classes, "classes"));
    arguments_.add_if("--resize", given_or_of_job(text_of(options_.resize), "resize"));
    arguments_.add_if("--top-k", text_of(options_.top_k));
    arguments_.add_if("--mistakes", text_of(options_.mistakes));
    arguments_.add_if("--max-broken-images",
                      given_or_of_job(text_of(options_.max_broken_images), "max_broken_images"));
    if (!options_.output.empty()) arguments_.add("--output", options_.output);
    if (!files_.any()) become_trainer(kCommand, arguments_.take());
    return run_trainer(kCommand, arguments_.take());
  }

 private:
  void add_data() {
    if (options_.data.empty()) {
      refuse("--data", {}, "the images to measure the model on",
             "Name a file, a folder or an s3:// URI; or a channel of the job with --channel.");
    }
    const FormatNames* const format = format_of_file(options_.data);
    if (format != nullptr && format->format == DataFormat::AugmentedManifest) {
      if (!options_.list.empty()) {
        refuse("--list", options_.list, "no list: the manifest has the labels of its images",
               "Leave --list out, or let --data name the folder of the images.");
      }
      return add_manifest(options_.data, attributes(), options_.label_format);
    }
    arguments_.add("--data", cli::is_s3_uri(options_.data)
                                 ? files_.objects({.uri = options_.data}, "data").string()
                                 : options_.data);
    if (!options_.list.empty()) arguments_.add("--list", files_.file(options_.list, "list"));
  }

  void add_channel() {
    if (!job_) {
      refuse("--channel", options_.channel, "the name of a job as --model, whose channel it is",
             "Name the data with --data.");
    }
    const sagemaker::Channel* const channel = find_channel(*job_, options_.channel);
    if (channel == nullptr) {
      refuse("--channel", options_.channel, "a channel of job " + options_.model,
             "millrace jobs describe " + options_.model + " lists them.");
    }
    const sagemaker::S3DataSource& source = s3_source_of(*channel);
    if (source.s3_data_type == "AugmentedManifestFile")
      return add_manifest(source.s3_uri,
                          source.attribute_names.value_or(std::vector<std::string>()),
                          label_format_of(*channel));
    arguments_.add("--data", files_.objects({.type = source.s3_data_type, .uri = source.s3_uri},
                                            options_.channel));
    if (const auto* list = find_channel(*job_, options_.channel + "_lst")) {
      const sagemaker::S3DataSource& from = s3_source_of(*list);
      arguments_.add("--list",
                     only_list(files_.objects({.type = from.s3_data_type, .uri = from.s3_uri},
                                              list->channel_name),
                               list->channel_name));
    }
  }

  void add_manifest(const std::string& manifest, const std::vector<std::string>& attributes,
                    const std::string& label_format) {
    check_image_and_label(attributes, "--attributes");
    arguments_.add("--data", files_.manifest(manifest, attributes, "data"));
    arguments_.add("--attributes", join(attributes, ","));
    if (!label_format.empty()) arguments_.add("--label-format", label_format);
  }

  [[nodiscard]] std::vector<std::string> attributes() const {
    std::vector<std::string> names;
    for (const std::string_view name : split(options_.attributes, ','))
      names.emplace_back(trim(name));
    return names;
  }

  /// What the option says, else what the job was trained with.
  [[nodiscard]] std::optional<std::string> given_or_of_job(std::optional<std::string> given,
                                                           const char* hyperparameter) const {
    if (given || !job_ || !job_->hyper_parameters) return given;
    const auto found = job_->hyper_parameters->find(hyperparameter);
    if (found == job_->hyper_parameters->end()) return std::nullopt;
    std::cerr << hyperparameter << ' ' << printable(found->second, 20) << ", as job "
              << options_.model << " was trained with\n";
    return found->second;
  }

  const EvalOptions& options_;
  std::optional<TrainingJob> job_;
  cli::FetchedFiles files_;
  Arguments arguments_;
};

}  // namespace

void add_eval_command(CLI::App& app, std::filesystem::path& data_dir, int& status) {
  CLI::App* eval = app.add_subcommand(
      "eval", "Measure an image-classification model on labelled images it has not seen");
  eval->footer(
      "Prints accuracy, top-k accuracy, precision, recall and F1 of each class and the confusion\n"
      "matrix; --output also writes all answers, the worst mistakes as a contact sheet and a "
      "page.\n"
      "No daemon is needed where model and data are files.\n\n"
      "Examples:\n"
      "  millrace eval --model model.tar.gz --data test.rec --classes classes.txt --output out\n"
      "  millrace eval --model model.tar.gz --data photos --list photos.lst --resize 256\n"
      "  millrace eval --model model.tar.gz --data photos       # one folder of images per class\n"
      "  millrace eval --model my-job --channel validation      # of the job, wherever it lies\n"
      "  millrace eval --model s3://bucket/out/model.tar.gz --data s3://bucket/test/\n"
      "  millrace eval --model my-job --data test.manifest --attributes source-ref,class\n");
  auto options = std::make_shared<EvalOptions>();
  cli::add_data_dir_option(*eval, data_dir);
  eval->add_option("--model", options->model,
                   "model.tar.gz or the folder it was made of, an s3:// URI, or a job's name")
      ->required()
      ->type_name("MODEL");
  CLI::Option* const data =
      eval->add_option("--data", options->data,
                       "A .rec file, a folder (of .rec files, of images with --list, of a folder\n"
                       "per class) or an augmented .manifest; a path or an s3:// URI")
          ->type_name("DATA");
  eval->add_option("--channel", options->channel,
                   "Instead of --data: a channel of the job that --model names")
      ->type_name("NAME")
      ->excludes(data);
  eval->add_option("--list", options->list,
                   "Labels of the images: index, class and path, separated by tabs")
      ->type_name("FILE")
      ->needs(data);
  eval->add_option("--classes", options->classes,
                   "Class names, one a line, in the order of the labels")
      ->type_name("FILE");
  eval->add_option("--attributes", options->attributes,
                   "Of an augmented manifest: the image's attribute and the label's")
      ->capture_default_str()
      ->type_name("IMAGE,LABEL");
  eval->add_option("--label-format", options->label_format,
                   "Of the manifest's labels where an image has several: multi-hot ([1,0,1]) or\n"
                   "class-id ([0,2]); a channel's own, else multi-hot")
      ->check(CLI::IsMember({"multi-hot", "class-id"}))
      ->type_name("FORM");
  eval->add_option("--resize", options->resize,
                   "Shorter edge before the centre crop; a job's own unless given")
      ->check(CLI::PositiveNumber)
      ->type_name("PIXELS");
  eval->add_option("--top-k", options->top_k, "K of the top-k accuracy; 5")
      ->check(CLI::PositiveNumber)
      ->type_name("K");
  eval->add_option("--mistakes", options->mistakes,
                   "How many of the worst mistakes to show, at most\n1000; 40")
      ->check(CLI::NonNegativeNumber)
      ->type_name("COUNT");
  eval->add_option("--max-broken-images", options->max_broken_images,
                   "Share of the images that may be broken and are left out; a job's own unless\n"
                   "given, else 0.01")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("SHARE");
  eval->add_option("--output", options->output,
                   "Folder for evaluation.json, confusion.csv, predictions.csv, mistakes.png and\n"
                   "report.html; one of an earlier evaluation is replaced")
      ->type_name("FOLDER");
  eval->callback([options, &data_dir, &status] { status = Evaluation(*options, data_dir).run(); });
}

}  // namespace millrace
