#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "trainer/algorithms/ntm/algorithm.h"
#include "trainer/algorithms/ntm/tensors/tensor_algorithm.h"
#include "trainer/algorithms/ntm/topic_model.h"
#include "trainer/algorithms/ntm/topics.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/learn/hosts_for_test.h"
#include "trainer/tabular/tabular_jobs_for_test.h"

namespace millrace::ntm {
namespace {

const TabularJobs jobs{.algorithm = algorithm, .train = train};

constexpr std::int64_t kSubjects = 4;
constexpr std::int64_t kWordsOfSubject = 10;
constexpr std::int64_t kWords = kSubjects * kWordsOfSubject;

/// A document of one subject: three in four of its 30 words are that subject's, which are the words
/// from subject * 10 on, and of those the first come more often.
std::vector<float> document(std::int64_t number) {
  std::mt19937_64 random(static_cast<std::uint64_t>(number));
  std::vector<float> counts(kWords);
  const std::int64_t subject = number % kSubjects;
  for (int i = 0; i < 30; ++i) {
    const auto draw = static_cast<std::int64_t>(random() % 1000);
    const std::int64_t word = random() % 4 == 0
                                  ? draw % kWords
                                  : subject * kWordsOfSubject + draw % (1 + draw % kWordsOfSubject);
    ++counts[static_cast<std::size_t>(word)];
  }
  return counts;
}

std::string lines(std::int64_t begin, std::int64_t end) {
  std::string text;
  for (std::int64_t number = begin; number < end; ++number) text += csv_line(document(number));
  return text;
}

std::string protobuf(std::int64_t begin, std::int64_t end, bool sparse, std::int64_t width) {
  std::vector<Row> rows;
  for (std::int64_t number = begin; number < end; ++number) {
    const std::vector<float> counts = document(number);
    Row row{.sparse = sparse, .columns = width};
    for (std::size_t word = 0; word < counts.size(); ++word) {
      if (sparse && counts[word] == 0) continue;
      if (sparse) row.indices.push_back(static_cast<std::int64_t>(word));
      row.values.push_back(counts[word]);
    }
    rows.push_back(std::move(row));
  }
  return recordio_protobuf(rows);
}

const Settings kSettings{{"feature_dim", std::to_string(kWords)},
                         {"num_topics", std::to_string(kSubjects)},
                         {"mini_batch_size", "50"},
                         {"optimizer", "adam"},
                         {"epochs", "20"}};

TopicModel model_of(const JobFolder& folder) {
  return read_model(folder.paths().model());
}

std::string bytes_of(const JobFolder& folder) {
  return read_file(folder.paths().model() / kModelFile);
}

/// Of 200 documents that were not trained on, the part whose strongest topic is the one that most
/// documents of their subject have, while no two subjects share it.
double agreement(const TopicModel& model) {
  TabularBatch batch;
  batch.clear(false);
  for (std::int64_t number = 5000; number < 5200; ++number)
    batch.append({.columns = kWords, .values = document(number)});
  const std::vector<float> weights = model.topic_weights(batch);
  std::vector<std::vector<int>> votes(kSubjects, std::vector<int>(kSubjects));
  for (std::int64_t d = 0; d < 200; ++d) {
    const auto begin = weights.begin() + d * kSubjects;
    ++votes[static_cast<std::size_t>(d % kSubjects)]
           [static_cast<std::size_t>(std::max_element(begin, begin + kSubjects) - begin)];
  }
  std::vector<bool> taken(kSubjects);
  int right = 0;
  for (const auto& of : votes) {
    const auto best = static_cast<std::size_t>(std::max_element(of.begin(), of.end()) - of.begin());
    if (!taken[best]) right += of[best];
    taken[best] = true;
  }
  return right / 200.0;
}

double trained_agreement(const Settings& settings) {
  JobFolder folder(settings);
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 1000)}});
  jobs.run(folder);
  return agreement(model_of(folder));
}

TEST(Training, FindsTheSubjectsAndTheirWords) {
  JobFolder folder(kSettings);
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 1000)}});
  jobs.run(folder);
  const TopicModel model = model_of(folder);
  EXPECT_GT(agreement(model), 0.95);
  for (const Topic& topic : top_words(model.projection, kSubjects, 5)) {
    for (const std::int64_t word : topic)
      EXPECT_EQ(word / kWordsOfSubject, topic[0] / kWordsOfSubject);
  }
}

TEST(Training, TheDefaultsFindThemToo) {
  Settings settings = with(kSettings, {{"epochs", "50"}, {"mini_batch_size", "25"}});
  settings.erase("optimizer");
  EXPECT_GT(trained_agreement(settings), 0.95);
}

TEST(Training, EveryActivationAndBatchNormFindThem) {
  for (const char* activation : {"sigmoid", "tanh", "relu"}) {
    for (const char* norm : {"false", "true"}) {
      EXPECT_GT(trained_agreement(with(kSettings, {{"encoder_layers_activation", activation},
                                                   {"batch_norm", norm},
                                                   {"encoder_layers", "16"}})),
                0.9)
          << activation << ", batch_norm " << norm;
    }
  }
}

TEST(Training, APartOfTheDocumentsIsEnough) {
  EXPECT_GT(trained_agreement(with(kSettings, {{"sub_sample", "0.5"}, {"epochs", "40"}})), 0.95);
}

TEST(Training, FilesAndFifosGiveTheSameModel) {
  const std::string text = lines(0, 300), held = lines(300, 400);
  const Settings settings = with(kSettings, {{"epochs", "3"}});
  JobFolder files(settings), pipes(settings);
  files.add_channel(kCsvTrain, two_files(text, 5000));
  files.add_channel({.name = "validation", .content_type = "text/csv"}, {{"a.csv", held}});
  for (const char* name : {"train", "validation"})
    pipes.add_channel({.name = name, .input_mode = "Pipe", .content_type = "text/csv"}, {});
  const ServedFifos train_fifos(pipes.paths(), "train", std::vector<std::string>(3, text));
  const ServedFifos held_fifos(pipes.paths(), "validation", std::vector<std::string>(4, held));
  jobs.run(files);
  jobs.run(pipes);
  EXPECT_EQ(bytes_of(files), bytes_of(pipes));
}

TEST(Training, DenseAndSparseRecordsGiveTheModelThatCsvGives) {
  const Settings settings = with(kSettings, {{"epochs", "3"}});
  JobFolder csv(settings), dense(settings), sparse(settings);
  csv.add_channel(kCsvTrain, {{"a", lines(0, 300)}});
  dense.add_channel({.name = "train"}, {{"a", protobuf(0, 300, false, kWords)}});
  sparse.add_channel({.name = "train"}, {{"a", protobuf(0, 300, true, kWords)}});
  for (const JobFolder* folder : {&csv, &dense, &sparse}) jobs.run(*folder);
  EXPECT_EQ(bytes_of(csv), bytes_of(dense));
  EXPECT_EQ(bytes_of(csv), bytes_of(sparse));
}

TEST(Training, SparseRecordsOfAMillionWordsAreTrainedOn) {
  JobFolder folder(with(
      kSettings,
      {{"feature_dim", "1000000"}, {"num_topics", "2"}, {"encoder_layers", "2"}, {"epochs", "1"}}));
  folder.add_channel({.name = "train"}, {{"a", protobuf(0, 20, true, 1'000'000)}});
  jobs.run(folder);
  EXPECT_EQ(model_of(folder).words, 1'000'000);
}

TEST(TwoHosts, WithHalfTheBatchGiveTheModelOfOne) {
  const Settings half = with(kSettings, {{"epochs", "3"}, {"mini_batch_size", "25"}});
  JobFolder one(with(kSettings, {{"epochs", "3"}})), a(half), b(half);
  const std::string rows = lines(0, 180) + csv_line(std::vector<float>(kWords)) + lines(180, 209);
  for (JobFolder* folder : {&one, &a, &b}) {
    folder->add_channel(kCsvTrain, {{"a.csv", rows}});
    folder->add_channel({.name = "validation", .content_type = "text/csv"},
                        {{"a.csv", lines(500, 560)}});
  }
  jobs.run(one);
  run_together({&a, &b}, jobs);
  const TopicModel whole = model_of(one), divided = model_of(a);
  for (std::size_t i = 0; i < whole.projection.size(); ++i)
    EXPECT_NEAR(whole.projection[i], divided.projection[i], 2e-3F) << i;
  EXPECT_TRUE(std::filesystem::is_empty(b.paths().model()));
}

TEST(TwoHosts, TrainOnShardsOfUnequalLength) {
  const Settings settings = with(kSettings, {{"mini_batch_size", "25"}});
  JobFolder a(settings), b(settings);
  ChannelConfig shard = kCsvTrain;
  shard.distribution = "ShardedByS3Key";
  a.add_channel(shard, {{"a.csv", lines(0, 700)}});
  b.add_channel(shard, {{"b.csv", lines(700, 1000)}});
  run_together({&a, &b}, jobs);
  EXPECT_GT(agreement(model_of(a)), 0.95);
}

TEST(Training, AStopLeavesAModelThatScores) {
  JobFolder folder(with(kSettings, {{"epochs", "100000"}, {"num_patience_epochs", "1000000"}}));
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 300)}});
  const StopSoon stop;
  jobs.run(folder, stop.token());
  EXPECT_EQ(model_of(folder).words, kWords);
}

TEST(Training, GoesOnFromACheckpointToTheModelOfAnUnbrokenRun) {
  for (const char* optimizer : {"adam", "adadelta"}) {
    const Settings settings =
        with(kSettings,
             {{"num_patience_epochs", "99"}, {"optimizer", optimizer}, {"batch_norm", "true"}});
    JobFolder unbroken(with(settings, {{"epochs", "5"}})),
        broken(with(settings, {{"epochs", "3"}}));
    for (JobFolder* folder : {&unbroken, &broken}) {
      folder->add_channel(kCsvTrain, {{"a.csv", lines(0, 300)}});
      folder->add_channel({.name = "validation", .content_type = "text/csv"},
                          {{"a.csv", lines(300, 400)}});
    }
    std::filesystem::create_directories(broken.paths().checkpoints());
    jobs.run(unbroken);
    jobs.run(broken);
    write_file_durably(broken.paths().hyperparameters(),
                       hyperparameters_json(with(settings, {{"epochs", "5"}})));
    const std::string log = jobs.logged(broken);
    EXPECT_NE(log.find("Resuming from a checkpoint after epoch 3"), std::string::npos);
    EXPECT_EQ(log.find("# Starting training for epoch 3"), std::string::npos);
    EXPECT_EQ(bytes_of(unbroken), bytes_of(broken));
  }
}

TEST(Training, StopsEarlyAndKeepsTheBestEpoch) {
  JobFolder folder(with(kSettings, {{"epochs", "500"}, {"tolerance", "0.1"}}));
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 300)}});
  const std::string log = jobs.logged(folder);
  EXPECT_NE(log.find("Bad epoch: loss has not improved (enough). Bad count:4"), std::string::npos);
  EXPECT_NE(log.find("Bad epochs exceeded patience. Stopping training early!"), std::string::npos);
  EXPECT_NE(log.find("Best model based on early stopping at epoch "), std::string::npos);
  EXPECT_EQ(log.find("# Starting training for epoch 100"), std::string::npos);
}

TEST(Training, PublishedPatternsFindTheirFigures) {
  JobFolder folder(with(kSettings, {{"epochs", "2"}}));
  for (const char* name : {"train", "validation", "test"})
    folder.add_channel({.name = name, .content_type = "text/csv"}, {{"a", lines(0, 230)}});
  const std::string log = jobs.logged(folder);
  expect_patterns_find_figures(algorithm(), log);
  expect_contains(
      log, {"# Starting training for epoch 1",
            "# Finished training epoch 1 on 230 examples from 5 batches, each of size 50.",
            "Metrics for Training:", "Loss (name: value) total: ", "Loss (name: value) kld: ",
            "Loss (name: value) recons: ", "Loss (name: value) logppx: ",
            "Finished scoring on 230 examples from 5 batches, each of size 50.",
            "Metrics for Inference:", "#validation_score (1): ", "Timing: train: ",
            "completed 50 % of epochs", "Topics from epoch:final (num_topics:4) [tu ",
            R"("Algorithm":"AWS/NTM")"});
}

TEST(Training, PrintsTheWordsOfTheVocabularyAndTheirCoherence) {
  JobFolder folder(with(kSettings, {{"epochs", "2"}}));
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 100)}});
  std::string words, vectors;
  for (std::int64_t word = 0; word < kWords; ++word) {
    words += "word-" + std::to_string(word) + "\n";
    vectors += "word-" + std::to_string(word) + " 1 0.5\n";
  }
  folder.add_channel({.name = "auxiliary", .content_type = "text/plain"},
                     {{"vocab.txt", words}, {"embeddings.txt", vectors}});
  const std::string log = jobs.logged(folder);
  EXPECT_NE(log.find("(num_topics:4) [wetc 1, tu "), std::string::npos) << log;
  EXPECT_NE(log.find("] word-"), std::string::npos);
}

TEST(Training, DocumentsWithoutWordsContributeNothingAndAreCounted) {
  const Settings settings = with(kSettings, {{"epochs", "2"}, {"mini_batch_size", "150"}});
  JobFolder plain(settings), padded(settings);
  const std::string empty = csv_line(std::vector<float>(kWords));
  plain.add_channel(kCsvTrain, {{"a.csv", lines(0, 100)}});
  padded.add_channel(kCsvTrain, {{"a.csv", lines(0, 100) + empty + empty}});
  jobs.run(plain);
  EXPECT_NE(jobs.logged(padded).find("channel 'train': 2 examples have no words"),
            std::string::npos);
  EXPECT_EQ(bytes_of(plain), bytes_of(padded));
}

TEST(Training, RefusesWhatItCannotTrainOnAndSaysWhere) {
  const Settings three{{"feature_dim", "3"}, {"num_topics", "2"}, {"epochs", "2"}};
  const std::string good = "1,0,2\n0,3,1\n2,2,0\n";
  expect_contains(jobs.refusal(three, {{"a.csv", good}, {"b.csv", "1,1,1\n\n1,-2,1\n"}}),
                  {"channel 'train', b.csv, line 3, column 2: got \"-2\"", "word count"});
  expect_contains(jobs.refusal(three, {{"a.csv", good + "1,x,2\n"}}),
                  {"channel 'train', a.csv, line 4, column 2: got \"x\""});
  expect_contains(jobs.refusal(three, {{"a.csv", good + "1,,2\n"}}), {"a.csv, line 4, column 2"});
  expect_contains(jobs.refusal(three, {{"a.csv", good + "1,2\n"}}), {"a.csv, line 4", "2 columns"});
  expect_contains(jobs.refusal(three, {{"a.csv", good + "1,nan,2\n"}}),
                  {"a.csv, line 4, column 2"});
  expect_contains(jobs.refusal(three, {{"a.csv", good + "1,inf,2\n"}}),
                  {"a.csv, line 4, column 2"});
  expect_contains(jobs.refusal(three, {{"a.csv", ""}}), {"channel 'train': got \"no rows\""});
  expect_contains(jobs.refusal(three, {}), {"channel 'train': got \"no files\""});
  expect_contains(jobs.refusal(three, {{"a.csv", "0,0,0\n0,0,0\n"}}),
                  {"documents without words only"});
  expect_contains(jobs.refusal(with(three, {{"sub_sample", "0"}}), {{"a.csv", good}}),
                  {"sub_sample"});
  expect_contains(jobs.refusal(with(three, {{"feature_dim", "4"}}), {{"a.csv", good}}),
                  {"hyperparameter 'feature_dim': got \"4\", expected 3"});
  expect_contains(jobs.refusal(three, {{"a.csv", good}}, "1,2\n"),
                  {"channel 'test': got \"2 features", "expected 3, as channel 'train' has"});
  expect_contains(jobs.refusal(three, {{"a.csv", good}}, "1,2,-1\n"),
                  {"channel 'test', t.csv, line 1, column 3"});
  expect_contains(
      jobs.refusal(with(three, {{"optimizer", "sgd"}, {"learning_rate", "1"}, {"epochs", "40"}}),
                   {{"a.csv", "100000000000000000000,0,1\n1,100000000000000000000,0\n"}}),
      {"loss that is not finite", "Lower learning_rate"});
}

TEST(Training, RefusesRecordsThatAreNoDocuments) {
  const auto refused = [](const Row& bad) {
    return jobs.refusal_of_records(
        {{"feature_dim", "9"}, {"num_topics", "2"}, {"epochs", "1"}},
        {{.sparse = true, .columns = 9, .indices = {1}, .values = {1}}, bad});
  };
  expect_contains(refused({.sparse = true, .columns = 9, .indices = {9}, .values = {1}}),
                  {"channel 'train', a.pbr, record 1"});
  expect_contains(refused({.sparse = true, .columns = 9, .indices = {2, 2}, .values = {1, 1}}),
                  {"twice"});
  expect_contains(refused({.sparse = true, .columns = 9, .indices = {2}, .values = {-1}}),
                  {"channel 'train', a.pbr, record 1, feature 2: got \"-1\""});
  expect_contains(refused({.columns = 9, .values = {0, 0, 0, 0, NAN, 0, 0, 0, 0}}),
                  {"a.pbr, record 1"});
  expect_contains(refused({.sparse = true, .columns = 8, .indices = {2}, .values = {1}}),
                  {"a.pbr, record 1"});
}

TEST(Training, OneRowMoreTopicsThanRowsAndConstantsAreTrainedOn) {
  const Settings three{{"feature_dim", "3"}, {"num_topics", "20"}, {"epochs", "2"}};
  EXPECT_EQ(jobs.refusal(three, {{"a.csv", "1,0,2\n"}}), "accepted");
  EXPECT_EQ(jobs.refusal(three, {{"a.csv", "5,5,5\n5,5,5\n"}}), "accepted");
  EXPECT_EQ(jobs.refusal(with(three, {{"batch_norm", "true"}}), {{"a.csv", "5,5,5\n"}}),
            "accepted");
  EXPECT_EQ(jobs.refusal({{"feature_dim", "1"}, {"num_topics", "2"}, {"epochs", "2"}},
                         {{"a.csv", "3\n"}}),
            "accepted");
}

}  // namespace
}  // namespace millrace::ntm
