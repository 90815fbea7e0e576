#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "codec/image.h"
#include "core/base/error.h"
#include "core/contract/config_files.h"
#include "core/io/file.h"
#include "core/json/json.h"
#include "trainer/algorithms/sample_jobs.h"
#include "trainer/job/algorithm.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/learn/hosts_for_test.h"

namespace millrace {
namespace {

/// What every algorithm must do, whatever it computes. An entry of all_algorithms() brings its
/// tests with it.
class Conformance : public testing::TestWithParam<const Algorithm*> {
 protected:
  Conformance() : sample_(sample_jobs().at(GetParam()->name)) {
    char name[] = "/tmp/millrace-conformance-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~Conformance() override { std::filesystem::remove_all(folder_); }

  void SetUp() override {
    if (sample_.needs_png && !has_png())
      GTEST_SKIP() << "this build has no PNG encoder to make images with";
  }

  [[nodiscard]] const TensorAlgorithm& tensor_half() const {
    for (const TensorAlgorithm* entry : all_tensor_algorithms()) {
      if (entry->name == GetParam()->name) return *entry;
    }
    throw Error(Blame::Platform, GetParam()->name + " has no tensor half");
  }

  /// A job's /opt/ml with these settings in place of the sample's own, its channels in this mode.
  ContractPaths workspace(const std::string& name, std::map<std::string, std::string> changes = {},
                          const std::string& mode = "File",
                          const std::string& distribution = "FullyReplicated") const {
    ContractPaths paths;
    paths.base = folder_ / name;
    std::filesystem::create_directories(paths.config());
    std::map<std::string, std::string> hyperparameters = sample_.hyperparameters;
    for (auto& [key, value] : changes) hyperparameters[key] = value;
    write_file_durably(paths.hyperparameters(), hyperparameters_json(hyperparameters));
    sample_.write_channels(paths.input_data());
    std::vector<ChannelConfig> channels;
    for (const auto& entry : std::filesystem::directory_iterator(paths.input_data())) {
      ChannelConfig channel;
      channel.name = entry.path().filename().string();
      channel.input_mode = mode;
      channel.distribution = distribution;
      channel.content_type = sample_.content_type;
      if (const auto only = sample_.distributions.find(channel.name);
          only != sample_.distributions.end()) {
        channel.distribution = only->second;
      }
      channels.push_back(channel);
    }
    write_file_durably(paths.input_data_config(), input_data_config_json(channels));
    return paths;
  }

  ContractPaths trained(const std::string& name, std::map<std::string, std::string> changes = {},
                        std::stop_token stop = {}) const {
    ContractPaths paths = workspace(name, std::move(changes));
    train(paths, std::move(stop));
    return paths;
  }

  void train(const ContractPaths& paths, std::stop_token stop) const {
    Job job(paths, std::move(stop));
    GetParam()->check(job);
    tensor_half().train(job);
  }

  /// The hosts of one job.
  void train_together(const std::vector<ContractPaths>& paths) const {
    const HostsForTest hosts(static_cast<int>(paths.size()));
    hosts.run([&](std::size_t host) {
      write_file_durably(paths[host].resource_config(),
                         resource_config_json(hosts.resources(host)));
      train(paths[host], {});
    });
  }

  /// Leaves the first half of a file's lines.
  static void halve_lines(const std::filesystem::path& file) {
    const std::string text = read_file(file);
    const auto lines = std::count(text.begin(), text.end(), '\n');
    std::size_t end = 0;
    for (std::ptrdiff_t line = 0; line < lines / 2; ++line) end = text.find('\n', end) + 1;
    write_file_durably(file, text.substr(0, end));
  }

  /// Moves the channels' files out of sight and serves them through FIFOs, one for each epoch.
  static std::vector<std::unique_ptr<ServedFifos>> piped(const ContractPaths& paths,
                                                         std::int64_t epochs) {
    const std::filesystem::path hidden = paths.base / "served";
    std::filesystem::rename(paths.input_data(), hidden);
    std::vector<std::unique_ptr<ServedFifos>> platform;
    for (const auto& channel : std::filesystem::directory_iterator(hidden)) {
      std::string bytes;
      for (const auto& file : std::filesystem::directory_iterator(channel))
        bytes += read_file(file.path());
      platform.push_back(std::make_unique<ServedFifos>(
          paths, channel.path().filename().string(),
          std::vector<std::string>(static_cast<std::size_t>(epochs), bytes)));
    }
    return platform;
  }

  /// Settings of a run of two epochs, where the algorithm counts in epochs.
  [[nodiscard]] std::map<std::string, std::string> two_epochs() const {
    std::map<std::string, std::string> settings{{"seed", "3"}};
    for (const FieldSpec& field : GetParam()->hyperparameters) {
      if (field.name == "epochs") settings["epochs"] = "2";
    }
    return settings;
  }

  [[nodiscard]] std::vector<std::string> modes() const {
    for (const ChannelSpec& channel : GetParam()->channels) {
      if (channel.required) return channel.input_modes;
    }
    return {};
  }

  static std::map<std::string, std::string> files_of(const std::filesystem::path& folder) {
    std::map<std::string, std::string> files;
    if (!std::filesystem::exists(folder)) return files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      files[entry.path().filename().string()] = read_file(entry.path());
    return files;
  }

  static std::string scored(Scorer& scorer, const std::string& content_type,
                            const std::string& body) {
    MemorySource source(body);
    StringSink sink;
    scorer.answer({.content_type = content_type, .accept = ""}, source, sink);
    return sink.text();
  }

  /// The model can be loaded and used: scored with, or measured where rows are no rows of numbers.
  void expect_usable(const ContractPaths& paths) const {
    if (!sample_.csv_request.empty()) {
      const std::unique_ptr<Scorer> scorer = tensor_half().load(paths.model());
      EXPECT_FALSE(scored(*scorer, "text/csv", sample_.csv_request).empty());
      return;
    }
    EvaluateRequest request;
    request.model = paths.model();
    request.data = paths.input_data() / sample_.test_data;
    EXPECT_GE(tensor_half().evaluate(request)["accuracy"].get<double>(), 0);
  }

  std::string refusal(std::map<std::string, std::string> changes) const {
    const ContractPaths paths = workspace("refused", std::move(changes));
    Job job(paths, {});
    try {
      GetParam()->check(job);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return error.what();
    }
    return "accepted";
  }

  /// Epochs that a Pipe channel is served: two of training and what an algorithm looks at before.
  static constexpr std::int64_t kPasses = 4;
  const SampleJob& sample_;
  std::filesystem::path folder_;
};

TEST_P(Conformance, TrainsOnAFewRowsAndLoadsWhatItSaved) {
  const ContractPaths paths = trained("a");
  EXPECT_FALSE(files_of(paths.model()).empty());
  expect_usable(paths);
}

TEST_P(Conformance, ScoresTheSameInEveryFormOfRequest) {
  if (sample_.csv_request.empty()) GTEST_SKIP() << "no scoring of rows";
  const ContractPaths paths = trained("a");
  const std::unique_ptr<Scorer> scorer = tensor_half().load(paths.model());
  const std::string json = scored(*scorer, "application/json", sample_.json_request);
  EXPECT_EQ(scored(*scorer, "text/csv", sample_.csv_request), json);
  EXPECT_EQ(parse_json(json, "answer").begin()->size(), 2U) << json;
  const std::string none = scored(*scorer, "text/csv", "");
  EXPECT_TRUE(parse_json(none, "answer").begin()->empty()) << none;
}

TEST_P(Conformance, AnswersManyThreadsAsItAnswersOne) {
  if (sample_.csv_request.empty()) GTEST_SKIP() << "no scoring of rows";
  const ContractPaths paths = trained("a");
  const auto load = GetParam()->load != nullptr ? GetParam()->load : tensor_half().load;
  const std::unique_ptr<Scorer> scorer = load(paths.model());
  const std::string csv = scored(*scorer, "text/csv", sample_.csv_request),
                    one = scored(*scorer, "text/csv",
                                 sample_.csv_request.substr(0, sample_.csv_request.find('\n')));
  scorer->serve({.batch_delay = std::chrono::milliseconds(1)});
  std::vector<std::jthread> clients;
  std::atomic<int> wrong = 0;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0; i < 25; ++i) {
        std::string answer;
        if ((client + i) % 3 == 0) {
          answer = scored(*scorer, "application/json", sample_.json_request);
        } else if ((client + i) % 3 == 1) {
          answer = scored(*scorer, "text/csv", sample_.csv_request);
        } else {
          EXPECT_THROW(scored(*scorer, "text/csv", sample_.csv_request + "1,2,3,x\n"), Error);
          answer = csv;
        }
        wrong += answer == csv ? 0 : 1;
        wrong += scored(*scorer, "text/csv",
                        sample_.csv_request.substr(0, sample_.csv_request.find('\n'))) == one
                     ? 0
                     : 1;
      }
    });
  }
  clients.clear();
  EXPECT_EQ(wrong, 0);
}

TEST_P(Conformance, TrainsInEveryInputModeThatItDeclares) {
  std::map<std::string, std::map<std::string, std::string>> models;
  for (const std::string& mode : modes()) {
    const ContractPaths paths = workspace(mode, two_epochs(), mode);
    const auto platform =
        mode == "Pipe" ? piped(paths, kPasses) : decltype(piped(paths, kPasses)){};
    train(paths, {});
    models[mode] = files_of(paths.model());
    EXPECT_FALSE(models[mode].empty()) << mode;
  }
  EXPECT_TRUE(models.contains("File"));
  // FastFile shows the same files; the order of a stream may differ from that of files.
  EXPECT_TRUE(!models.contains("FastFile") || models["FastFile"] == models["File"]);
}

TEST_P(Conformance, AStreamGivesTheSameModelEachTime) {
  if (const auto all = modes(); std::find(all.begin(), all.end(), "Pipe") == all.end())
    GTEST_SKIP() << "not in Pipe mode";
  std::vector<std::map<std::string, std::string>> models;
  for (const char* name : {"a", "b"}) {
    const ContractPaths paths = workspace(name, two_epochs(), "Pipe");
    const auto platform = piped(paths, kPasses);
    train(paths, {});
    models.push_back(files_of(paths.model()));
  }
  EXPECT_TRUE(models[0] == models[1]);
}

TEST_P(Conformance, ReproducesItselfFromASeed) {
  const auto first = files_of(trained("a", {{"seed", "7"}}).model()),
             second = files_of(trained("b", {{"seed", "7"}}).model());
  EXPECT_TRUE(first == second);
  EXPECT_FALSE(first == files_of(trained("c", {{"seed", "8"}}).model()));
}

TEST_P(Conformance, TwoHostsTrainOneModelAndAgainTheSame) {
  if (!GetParam()->distributed) GTEST_SKIP() << "trains on one instance";
  std::vector<std::map<std::string, std::string>> models;
  for (const std::string name : {"a", "b"}) {
    const std::vector<ContractPaths> hosts{workspace(name + "1", {{"seed", "7"}}),
                                           workspace(name + "2", {{"seed", "7"}})};
    train_together(hosts);
    expect_usable(hosts[0]);
    EXPECT_TRUE(files_of(hosts[1].model()).empty()) << "two hosts left a model";
    models.push_back(files_of(hosts[0].model()));
  }
  EXPECT_TRUE(models[0] == models[1]);
}

TEST_P(Conformance, RowsOfBothHostsMakeTheModel) {
  if (!GetParam()->distributed) GTEST_SKIP() << "trains on one instance";
  const ContractPaths alone = trained("alone", {{"seed", "7"}});
  const std::vector<ContractPaths> hosts{workspace("a", {{"seed", "7"}}, "File", "ShardedByS3Key"),
                                         workspace("b", {{"seed", "7"}}, "File", "ShardedByS3Key")};
  for (const auto& channel : std::filesystem::directory_iterator(hosts[1].input_data()))
    for (const auto& file : std::filesystem::directory_iterator(channel)) halve_lines(file.path());
  train_together(hosts);
  expect_usable(hosts[0]);
  EXPECT_FALSE(files_of(alone.model()) == files_of(hosts[0].model()));
}

TEST_P(Conformance, AStopEndsAHostThatWaitsForAnother) {
  if (!GetParam()->distributed) GTEST_SKIP() << "trains on one instance";
  const HostsForTest hosts(2);
  for (const std::size_t host : {0, 1}) {
    const ContractPaths paths = workspace("waits" + std::to_string(host));
    write_file_durably(paths.resource_config(), resource_config_json(hosts.resources(host)));
    std::stop_source stop;
    const std::jthread platform([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      stop.request_stop();
    });
    EXPECT_THROW(train(paths, stop.get_token()), Error);
  }
}

TEST_P(Conformance, RefusesAnUnknownHyperparameterWithItsNearestNeighbour) {
  const std::string known = GetParam()->hyperparameters.front().name;
  const std::string text = refusal({{known + "x", "1"}});
  EXPECT_NE(text.find("hyperparameter '" + known + "x': got \"1\", expected a hyperparameter of " +
                      GetParam()->name),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("Did you mean '" + known + "'?"), std::string::npos) << text;
}

TEST_P(Conformance, RefusesEveryHyperparameterThatIsNotOfItsType) {
  for (const FieldSpec& field : GetParam()->hyperparameters) {
    if (field.type == FieldType::FreeText) continue;
    EXPECT_NE(refusal({{field.name, "no such value"}})
                  .find("hyperparameter '" + field.name + "': got \"no such value\""),
              std::string::npos)
        << field.name;
  }
}

TEST_P(Conformance, AStopRequestLeavesAUsableModel) {
  std::stop_source stop;
  stop.request_stop();
  expect_usable(trained("a", {}, stop.get_token()));
}

TEST_P(Conformance, DefaultsAreValuesThatItAccepts) {
  for (const FieldSpec& field : GetParam()->hyperparameters) {
    if (field.default_text && !field.default_text->empty()) {
      EXPECT_FALSE(check_value(field, *field.default_text)) << field.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, Conformance,
                         testing::ValuesIn(all_algorithms().begin(), all_algorithms().end()),
                         [](const auto& entry) {
                           std::string name = entry.param->name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace millrace
