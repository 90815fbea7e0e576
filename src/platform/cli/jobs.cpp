#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <set>
#include <thread>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "generated/aws/control/operations.h"
#include "generated/aws/logs/operations.h"
#include "generated/aws/sagemaker/operations.h"
#include "platform/cli/commands.h"
#include "platform/cli/connection.h"
#include "platform/cli/job_residency.h"
#include "platform/cli/table.h"

namespace millrace::cli {
namespace {

namespace sagemaker = wire::sagemaker;
namespace logs = wire::logs;

constexpr const char* kLogGroup = "/aws/sagemaker/TrainingJobs";
constexpr std::chrono::milliseconds kFollowInterval{500};

bool is_over(const std::string& status) { return status == "Completed" || status == "Failed" || status == "Stopped"; }

struct ListOptions {
  std::string name_contains;
  std::string status;
  std::int64_t limit = 50;
};

void list(aws::Client client, const ListOptions& options) {
  sagemaker::ListTrainingJobsRequest request{.max_results = std::min<std::int64_t>(options.limit, 100)};
  if (!options.name_contains.empty()) request.name_contains = options.name_contains;
  if (!options.status.empty()) request.status_equals = options.status;
  std::vector<std::vector<std::string>> rows;
  do {
    const auto page = client.call<sagemaker::ops::ListTrainingJobs>(request);
    for (const auto& job : page.training_job_summaries) {
      if (static_cast<std::int64_t>(rows.size()) == options.limit) break;
      const Time end = job.training_end_time.value_or(now());
      rows.push_back({job.training_job_name, job.training_job_status, iso8601_seconds(job.creation_time),
                      duration_text(to_seconds(end) - to_seconds(job.creation_time))});
    }
    request.next_token = page.next_token;
  } while (request.next_token && static_cast<std::int64_t>(rows.size()) < options.limit);
  if (rows.empty()) {
    std::cout << "no training jobs\n";
    return;
  }
  std::cout << aligned({"NAME", "STATUS", "CREATED", "DURATION"}, rows);
}

void print_field(const std::string& name, const std::string& value) {
  if (value.empty()) return;
  std::cout << name << std::string(name.size() < 16 ? 16 - name.size() : 1, ' ') << value << '\n';
}

void describe(aws::Client client, const std::string& name) {
  const auto job = client.call<sagemaker::ops::DescribeTrainingJob>({.training_job_name = name});
  print_field("name", job.training_job_name);
  print_field("arn", job.training_job_arn);
  print_field("status", job.training_job_status + " (" + job.secondary_status + ")");
  print_field("failure", job.failure_reason.value_or(""));
  print_field("created", iso8601_seconds(job.creation_time));
  if (job.training_time_in_seconds) {
    print_field("training time", duration_text(static_cast<double>(*job.training_time_in_seconds)));
  }
  if (job.model_artifacts.s3_model_artifacts.size() > 0) print_field("model", job.model_artifacts.s3_model_artifacts);
  if (job.hyper_parameters && !job.hyper_parameters->empty()) {
    std::cout << "\nhyperparameters\n";
    for (const auto& [key, value] : *job.hyper_parameters) print_field("  " + key, value);
  }
  if (job.input_data_config) {
    std::cout << "\nchannels\n";
    for (const auto& channel : *job.input_data_config) {
      const auto& objects = channel.data_source.s3_data_source;
      const auto& files = channel.data_source.file_system_data_source;
      const std::string source = files ? files->file_system_id + ":" + files->directory_path : "";
      print_field("  " + channel.channel_name, objects ? objects->s3_uri : source);
    }
  }
  if (job.final_metric_data_list && !job.final_metric_data_list->empty()) {
    std::cout << "\nmetrics (last value)\n";
    for (const auto& metric : *job.final_metric_data_list) {
      print_field("  " + metric.metric_name.value_or(""), number_text(metric.value.value_or(0)));
    }
  }
  if (job.secondary_status_transitions) {
    std::cout << "\ntransitions\n";
    for (const auto& step : *job.secondary_status_transitions) {
      std::cout << "  " << iso8601(step.start_time) << "  " << step.status << ": " << step.status_message.value_or("")
                << '\n';
    }
  }
}

/// Prints what a stream holds behind `token`, `prefix` before every line; returns the token to go on from.
std::optional<std::string> print_events(aws::Client& client, const std::string& stream, const std::string& prefix,
                                        std::optional<std::string> token) {
  for (;;) {
    const auto page = client.call<logs::ops::GetLogEvents>({.log_group_name = kLogGroup,
                                                            .log_stream_name = stream,
                                                            .next_token = token,
                                                            .start_from_head = true});
    token = page.next_forward_token;
    if (!page.events || page.events->empty()) break;
    for (const auto& event : *page.events) std::cout << prefix << event.message.value_or("") << '\n';
  }
  std::cout.flush();
  return token;
}

std::vector<std::string> streams_of(aws::Client& client, const std::string& job) {
  std::vector<std::string> names;
  try {
    const auto page = client.call<logs::ops::DescribeLogStreams>(
        {.log_group_name = kLogGroup, .log_stream_name_prefix = job + "/"});
    if (page.log_streams) {
      for (const auto& stream : *page.log_streams) names.push_back(stream.log_stream_name.value_or(""));
    }
  } catch (const Error& error) {
    // The group appears with the first line of the first job.
    if (error.code() != "ResourceNotFoundException") throw;
  }
  return names;
}

/// "my-job/algo-2-1700000000" is a stream of algo-2.
std::string host_of(const std::string& stream) {
  const std::size_t begin = stream.find('/') + 1;
  return stream.substr(begin, stream.rfind('-') - begin);
}

void print_logs(aws::Client client, const std::string& name, bool follow) {
  std::map<std::string, std::optional<std::string>> tokens;
  for (;;) {
    // The status is asked for before the events, so that the lines of a job that just ended are not missed.
    const auto job = client.call<sagemaker::ops::DescribeTrainingJob>({.training_job_name = name});
    const auto& resources = job.resource_config;
    const bool several = resources && resources->instance_count.value_or(2) > 1;
    for (const std::string& stream : streams_of(client, name)) {
      tokens[stream] = print_events(client, stream, several ? host_of(stream) + ": " : "", tokens[stream]);
    }
    if (!follow || is_over(job.training_job_status)) return;
    std::this_thread::sleep_for(kFollowInterval);
  }
}

void stop(aws::Client client, const std::string& name) {
  client.call<sagemaker::ops::StopTrainingJob>({.training_job_name = name});
  std::cout << "stopping " << name << "; its model is kept\n";
}

void interrupt(aws::Client client, const std::string& name, std::int64_t grace_seconds) {
  client.call<wire::control::ops::InterruptJob>({.job_name = name, .grace_in_seconds = grace_seconds});
  std::cout << "interrupting " << name << "; it goes on when there is room\n";
}

}  // namespace

void add_jobs_commands(CLI::App& app, std::filesystem::path& data_dir) {
  CLI::App* jobs = app.add_subcommand("jobs", "List, describe, follow, account for, interrupt and stop training jobs");
  jobs->require_subcommand(1);
  jobs->footer("Examples:\n"
               "  millrace jobs list --status InProgress\n"
               "  millrace jobs logs --follow my-job\n"
               "  millrace jobs residency my-job\n"
               "  millrace jobs interrupt my-spot-job\n"
               "  millrace jobs stop my-job\n");

  CLI::App* list_verb = jobs->add_subcommand("list", "Newest jobs first");
  list_verb->footer("Example:\n  millrace jobs list --name-contains fashion --limit 10\n");
  auto options = std::make_shared<ListOptions>();
  list_verb->add_option("--name-contains", options->name_contains, "Only jobs whose name holds this text");
  list_verb->add_option("--status", options->status, "Only jobs in this status")
      ->check(CLI::IsMember({"InProgress", "Completed", "Failed", "Stopping", "Stopped"}));
  list_verb->add_option("--limit", options->limit, "At most so many jobs")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  add_data_dir_option(*list_verb, data_dir);
  list_verb->callback([&data_dir, options] { list(connect(data_dir), *options); });

  auto name = std::make_shared<std::string>();
  const auto job_verb = [&](const std::string& verb, const std::string& what, const std::string& example) {
    CLI::App* added = jobs->add_subcommand(verb, what);
    added->footer("Example:\n  " + example + "\n");
    added->add_option("name", *name, "Name of the job")->required();
    add_data_dir_option(*added, data_dir);
    return added;
  };
  job_verb("describe", "Status, hyperparameters, metrics, transitions and failure of one job",
           "millrace jobs describe my-job")
      ->callback([&data_dir, name] { describe(connect(data_dir), *name); });
  auto follow = std::make_shared<bool>(false);
  CLI::App* logs_verb = job_verb("logs", "What the training program printed", "millrace jobs logs --follow my-job");
  logs_verb->add_flag("--follow,-f", *follow, "Go on until the job has ended");
  logs_verb->callback([&data_dir, name, follow] { print_logs(connect(data_dir), *name, *follow); });
  auto residency = std::make_shared<ResidencyOptions>();
  CLI::App* residency_verb =
      job_verb("residency", "Every place the job's data touched, and the network it ran in",
               "millrace jobs residency my-job --readers");
  residency_verb->add_flag("--readers", residency->readers,
                           "Also who else has read what the job wrote; reads the audit log up to now");
  residency_verb->add_flag("--json", residency->json, "The whole report as JSON");
  residency_verb->callback([&data_dir, name, residency] {
    residency->name = *name;
    print_residency(connect(data_dir), *residency);
  });
  job_verb("stop", "Ask the job to save its model and end", "millrace jobs stop my-job")
      ->callback([&data_dir, name] { stop(connect(data_dir), *name); });
  auto grace = std::make_shared<std::int64_t>(120);
  CLI::App* interrupt_verb =
      job_verb("interrupt", "Take the instances of a managed spot job away; it goes on by itself",
               "millrace jobs interrupt my-spot-job --grace 10");
  interrupt_verb->add_option("--grace", *grace, "Seconds between SIGTERM and SIGKILL")
      ->check(CLI::Range(0, 120))
      ->capture_default_str();
  interrupt_verb->footer(
      "For jobs created with EnableManagedSpotTraining, as when the cloud wants its machine back: the program gets\n"
      "SIGTERM and, when its grace is over, SIGKILL. Its checkpoints are stored, nothing else is. The job is then\n"
      "Interrupted, keeps its place in the queue, and starts again with its checkpoints (CheckpointConfig) where it\n"
      "expects them; without CheckpointConfig it starts from the beginning.\n\n"
      "Examples:\n"
      "  millrace jobs interrupt my-spot-job\n"
      "  millrace jobs interrupt my-spot-job --grace 10       # for a program that saves quickly\n");
  interrupt_verb->callback([&data_dir, name, grace] { interrupt(connect(data_dir), *name, *grace); });
}

}  // namespace millrace::cli
