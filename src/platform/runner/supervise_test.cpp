#include "platform/runner/supervise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <iostream>

#include "core/base/text.h"
#include "core/io/shell_for_test.h"
#include "core/json/json.h"
#include "platform/runner/fake_daemon_for_test.h"
#include "platform/runner/without_namespaces_for_test.h"

namespace millrace::runner {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using wire::control::JobOutcome;
namespace fs = std::filesystem;

/// Whole jobs, from the ticket to the outcome, with a shell script for the program.
class SuperviseTest : public testing::Test {
 protected:
  SuperviseTest() {
    auto& ticket = store_.orders.ticket;
    ticket = {.job_name = "my-job",
              .job_arn = "arn:aws:sagemaker:us-east-1:000000000000:training-job/my-job",
              .region = "us-east-1",
              .host = "algo-1",
              .hosts = {"algo-1"},
              .instance_type = "ml.m5.large",
              .output_s3_uri = "s3://out/p/my-job/output",
              .compress_output = true,
              .log_group = "/aws/sagemaker/TrainingJobs",
              .log_stream = "my-job/algo-1-1",
              .network_isolation = true,
              .max_runtime_in_seconds = 100,
              .grace_period_in_seconds = 60};
    store_.add("in", "data/a.csv", "1,2\n");
    ticket.channels = {
        {.channel_name = "train",
         .input_mode = "File",
         .content_type = "text/csv",
         .compression_type = "None",
         .record_wrapper_type = "None",
         .s3_source = wire::control::TicketS3Source{.s3_data_type = "S3Prefix",
                                                    .s3_uri = "s3://in/data/",
                                                    .s3_data_distribution_type = "FullyReplicated",
                                                    .shard = 0,
                                                    .shards = 1}}};
  }

  JobOutcome run(const std::string& script) {
    store_.orders.ticket.command = {"sh", "-c", script};
    supervise(options_, store_.connector());
    EXPECT_TRUE(store_.reports.back().outcome);
    EXPECT_TRUE(fs::is_empty(store_.directory() / "work" / "my-job" / "algo-1"))
        << "the workspace is gone";
    return store_.reports.back().outcome.value_or(JobOutcome{});
  }
  /// Requests a stop once the program has printed this line.
  void stop_after(const std::string& line) {
    store_.on_report = [this, line](const auto&) {
      for (const auto& event : store_.events) {
        if (event.message == line) return true;
      }
      return false;
    };
  }
  std::string lines() const {
    std::string text;
    for (const auto& event : store_.events) text += event.message + "\n";
    return text;
  }
  std::vector<std::string> phases() const {
    std::vector<std::string> names;
    for (const auto& report : store_.reports) {
      if (report.phase) names.push_back(*report.phase);
    }
    return names;
  }
  std::string members(const std::string& archive) {
    return output_of("tar -tzf " + store_.path("out", "p/my-job/output/" + archive).string());
  }

  FakeStore store_;
  SupervisorOptions options_{.job_name = "my-job", .data_directory = store_.directory().string()};
};

TEST_F(SuperviseTest, AJobGoesThroughItsPhasesAndItsModelIsStored) {
  store_.orders.ticket.metrics = {{.name = "loss", .regex = "loss=(\\S+)"}};
  const JobOutcome outcome =
      run("cat /opt/ml/input/data/train/a.csv; echo 'Epoch[1] loss=0.5'; echo to stderr >&2; "
          "echo weights > /opt/ml/model/weights; mkdir /opt/ml/model/code; echo more > "
          "/opt/ml/output/data/more");
  EXPECT_EQ(outcome.result, "Completed");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.failure_reason, std::nullopt);
  EXPECT_TRUE(outcome.model_uploaded);
  EXPECT_THAT(phases(), ElementsAre("Downloading", "Training", "Uploading"));
  EXPECT_THAT(lines(), HasSubstr("1,2\nEpoch[1] loss=0.5\nto stderr\n"));
  EXPECT_EQ(members("model.tar.gz"), "code/\nweights\n");
  EXPECT_EQ(members("output.tar.gz"), "more\n");
}

TEST_F(SuperviseTest, TheProgramFindsTheContractsFilesAndEnvironment) {
  auto& ticket = store_.orders.ticket;
  ticket.hyper_parameters = {{"epochs", "30"}};
  ticket.environment = {{"MINE", "yes"}, {"OMP_NUM_THREADS", "7"}};
  run("cd /opt/ml/input/config; for f in *; do echo $f; cat $f; echo; done; env | sort | grep -v "
      "-E '_CAPABILITY|_CORETYPE'; "
      "cd /opt/ml; find . -type d | sort");
  EXPECT_THAT(
      lines(),
      HasSubstr("hyperparameters.json\n{\"epochs\":\"30\"}\ninputdataconfig.json\n"
                "{\"train\":{\"ContentType\":\"text/csv\",\"TrainingInputMode\":\"File\","
                "\"S3DistributionType\":\"FullyReplicated\",\"RecordWrapperType\":\"None\"}}"
                "\nresourceconfig.json\n"
                "{\"current_host\":\"algo-1\",\"current_instance_type\":\"ml.m5.large\","
                "\"current_group_name\":\"homogeneousCluster\",\"hosts\":[\"algo-1\"],"
                "\"instance_groups\":[{\"instance_group_name\":\"homogeneousCluster\",\"instance_"
                "type\":\"ml.m5.large\","
                "\"hosts\":[\"algo-1\"]}],\"network_interface_name\":\"lo\"}\n"
                "AWS_DEFAULT_REGION=us-east-1\nAWS_REGION=us-east-1\nHOME=/tmp\nMINE=yes\nOLDPWD=/"
                "opt/ml\nOMP_NUM_THREADS=7\n"
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/opt/ml/"
                "input/config\n"
                "TRAINING_JOB_ARN=arn:aws:sagemaker:us-east-1:000000000000:training-job/my-job\n"
                "TRAINING_JOB_NAME=my-job\n"
                ".\n./code\n./input\n./input/config\n./input/data\n./input/data/train\n./model\n./"
                "output\n./output/data\n"));
}

TEST_F(SuperviseTest, APipeChannelIsReadInsideTheSandboxEpochAfterEpoch) {
  store_.orders.ticket.channels[0].input_mode = "Pipe";
  store_.add("in", "data/b.csv", "3,4\n");
  const JobOutcome outcome =
      run("cd /opt/ml/input/data; cat train_0; head -c 1 train_1; echo; cat train_2; "
          "cat train_1 2>/dev/null || echo served");
  EXPECT_EQ(outcome.result, "Completed");
  EXPECT_EQ(lines(), "1,2\n3,4\n1\n1,2\n3,4\nserved\n");
  EXPECT_THAT(phases(), ElementsAre("Training", "Uploading")) << "nothing is downloaded";
}

TEST_F(SuperviseTest, WhatChannelsDeliverAndTheProgramSaysOfThemIsReported) {
  const JobOutcome outcome =
      run("cat /opt/ml/input/data/train/a.csv; "
          "echo '{\"train\":{\"records\":2,\"passes\":1,\"records_per_pass\":2}}' > "
          "/opt/ml/output/channels.json");
  EXPECT_EQ(outcome.result, "Completed");
  std::vector<wire::control::HostChannels> told;
  for (const auto& report : store_.reports) {
    if (report.channels) told.push_back(*report.channels);
  }
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front().run, told.back().run);
  ASSERT_EQ(told.back().channels.size(), 1U);
  const wire::control::ChannelUse& train = told.back().channels[0];
  EXPECT_EQ(train.channel_name, "train");
  EXPECT_EQ(train.measured, "Staged");
  EXPECT_EQ(train.bytes, 4);
  EXPECT_EQ(train.objects, 1);
  EXPECT_EQ(train.records, 2);
  EXPECT_EQ(train.records_per_pass, 2);
}

TEST_F(SuperviseTest, WhatAProgramSaysOfItsChannelsInNoUsableFormIsToldInTheLog) {
  EXPECT_EQ(run("echo '{\"train\":7}' > /opt/ml/output/channels.json").result, "Completed");
  EXPECT_THAT(lines(), HasSubstr("[millrace] what the program says of its channels is left out: "
                                 "channels.json, channel 'train': got \"7\", expected a JSON "
                                 "object."));
}

TEST_F(SuperviseTest, AProgramThatSucceedsOnAShortStreamIsStillAFailedJob) {
  auto& channel = store_.orders.ticket.channels[0];
  channel.input_mode = "Pipe";
  channel.compression_type = "Gzip";
  const JobOutcome outcome = run("cat /opt/ml/input/data/train_0; echo weights > /opt/ml/model/w");
  EXPECT_EQ(outcome.result, "Failed");
  EXPECT_THAT(outcome.failure_reason.value_or(""),
              HasSubstr("ClientError: channel 'train', s3://in/data/a.csv: got \""));
  EXPECT_FALSE(store_.has("out", "p/my-job/output/model.tar.gz"));
}

TEST_F(SuperviseTest, AFailedChannelStopsAProgramThatWouldGoOn) {
  auto& channel = store_.orders.ticket.channels[0];
  channel.input_mode = "Pipe";
  channel.compression_type = "Gzip";
  const JobOutcome outcome =
      run("trap 'echo stopped; exit 0' TERM; cat /opt/ml/input/data/train_0; "
          "while true; do sleep 0.05; done");
  EXPECT_EQ(outcome.result, "Failed");
  EXPECT_THAT(outcome.failure_reason.value_or(""), HasSubstr("ClientError: channel 'train'"));
  EXPECT_THAT(lines(), HasSubstr("stopped"));
}

TEST_F(SuperviseTest, AStopEndsAJobThatReadsAPipe) {
  store_.orders.ticket.channels[0].input_mode = "Pipe";
  store_.add_sparse("in", "data/large", std::int64_t{1} << 40);
  stop_after("reading");
  const JobOutcome outcome =
      run("echo reading; cat /opt/ml/input/data/train_0 > /dev/null & "
          "trap 'kill $!; exit 0' TERM; wait");
  EXPECT_EQ(outcome.result, "Stopped");
}

TEST_F(SuperviseTest, AFailureCarriesTheProgramsWordsAndOnlyItsOtherOutput) {
  const JobOutcome outcome =
      run("echo partial > /opt/ml/model/m; echo evidence > /opt/ml/output/data/e; "
          "printf 'ExecuteUserScriptError:\\nExitCode 1' > /opt/ml/output/failure; exit 1");
  EXPECT_EQ(outcome.result, "Failed");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.failure_reason,
            "AlgorithmError: ExecuteUserScriptError:\nExitCode 1, exit code: 1");
  EXPECT_FALSE(outcome.model_uploaded);
  EXPECT_FALSE(store_.has("out", "p/my-job/output/model.tar.gz"));
  EXPECT_EQ(members("output.tar.gz"), "e\n");
}

TEST_F(SuperviseTest, AFailureFileThatLeadsElsewhereIsNotRead) {
  EXPECT_EQ(run("ln -s /etc/passwd /opt/ml/output/failure; exit 1").failure_reason,
            "AlgorithmError: exit code: 1");
  EXPECT_EQ(run("rm -r /opt/ml/output; ln -s /etc /opt/ml/output; exit 2").failure_reason,
            "AlgorithmError: exit code: 2");
  EXPECT_EQ(run("mkfifo /opt/ml/output/failure; exit 3").failure_reason,
            "AlgorithmError: exit code: 3");
}

TEST_F(SuperviseTest, AStopLetsTheProgramSaveItsModel) {
  stop_after("ready");
  const JobOutcome outcome =
      run("trap 'echo saved > /opt/ml/model/checkpoint; exit 0' TERM; echo ready; while :; do "
          "sleep 0.05; done");
  EXPECT_EQ(outcome.result, "Stopped");
  EXPECT_TRUE(outcome.model_uploaded);
  EXPECT_EQ(members("model.tar.gz"), "checkpoint\n");
}

TEST_F(SuperviseTest, AnInterruptedProgramLeavesNothingButItsCheckpoints) {
  store_.orders.ticket.checkpoint_s3_uri = "s3://out/checkpoints";
  store_.interrupt_grace = 60;
  stop_after("ready");
  run("trap 'echo m > /opt/ml/model/m; echo 3 > /opt/ml/checkpoints/epoch; exit 0' TERM; "
      "echo ready; while :; do sleep 0.05; done");
  EXPECT_FALSE(store_.has("out", "p/my-job/output/model.tar.gz"));
  EXPECT_TRUE(store_.has("out", "checkpoints/epoch"));
  EXPECT_THAT(lines(), HasSubstr("the instance of this job was taken away"));
}

TEST_F(SuperviseTest, AProgramThatIgnoresTheStopIsKilledAndItsModelStored) {
  store_.orders.ticket.grace_period_in_seconds = 1;
  stop_after("ready");
  const JobOutcome outcome = run(
      "trap '' TERM; echo m > /opt/ml/model/m; echo ready; sleep 1000 & sleep 1000; sleep 1000");
  EXPECT_EQ(outcome.result, "Stopped");
  EXPECT_EQ(outcome.exit_code, 137);
  EXPECT_EQ(members("model.tar.gz"), "m\n");
}

TEST_F(SuperviseTest, AJobStoppedBeforeItsProgramStartedNeverRunsIt) {
  store_.orders.stop_requested = true;
  const JobOutcome outcome = run("echo ran");
  EXPECT_EQ(outcome.result, "Stopped");
  EXPECT_EQ(outcome.exit_code, std::nullopt);
  EXPECT_FALSE(outcome.model_uploaded);
  EXPECT_EQ(lines(), "");
}

TEST_F(SuperviseTest, TheTimeLimitEndsAJobLikeAStop) {
  store_.orders.ticket.max_runtime_in_seconds = 1;
  const JobOutcome outcome =
      run("trap 'echo late > /opt/ml/model/m; exit 0' TERM; while :; do sleep 0.05; done");
  EXPECT_EQ(outcome.result, "MaxRuntimeExceeded");
  EXPECT_EQ(members("model.tar.gz"), "m\n");
}

TEST_F(SuperviseTest, AMissingProgramIsTheCustomersFault) {
  store_.orders.ticket.command = {"train-me", "train"};
  supervise(options_, store_.connector());
  const JobOutcome outcome = store_.reports.back().outcome.value();
  EXPECT_EQ(outcome.result, "Failed");
  EXPECT_EQ(outcome.exit_code, std::nullopt);
  EXPECT_THAT(
      outcome.failure_reason.value(),
      HasSubstr(
          "ClientError: the program 'train-me' cannot be executed: No such file or directory."));
  EXPECT_THAT(phases(), ElementsAre("Downloading"));
}

TEST_F(SuperviseTest, AMissingOutputBucketIsTheCustomersFault) {
  store_.missing_bucket = "out";
  const JobOutcome outcome = run("exit 0");
  EXPECT_EQ(outcome.result, "Failed");
  EXPECT_EQ(outcome.failure_reason,
            "ClientError: uploading s3://out/p/my-job/output/model.tar.gz: The specified bucket "
            "does not exist");
  EXPECT_FALSE(outcome.model_uploaded);
}

TEST_F(SuperviseTest, AnEmptyChannelFailsBeforeTheProgramRuns) {
  store_.orders.ticket.channels.front().s3_source->s3_uri = "s3://in/nothing";
  const JobOutcome outcome = run("echo ran");
  EXPECT_THAT(outcome.failure_reason.value(),
              HasSubstr("ClientError: channel 'train': No S3 objects found"));
  EXPECT_EQ(lines(), "");
}

TEST_F(SuperviseTest, FilesBeyondTheVolumeFailTheJobByTheLimitsName) {
  store_.orders.ticket.volume_bytes = 1 << 20;
  const JobOutcome outcome = run("head -c 4000000 /dev/zero > /tmp/big; sleep 1000");
  EXPECT_EQ(outcome.failure_reason,
            "ClientError: the job's files take more than the volume of 1.0 MB. Ask for a larger "
            "VolumeSizeInGB.");
}

TEST_F(SuperviseTest, MemoryBeyondTheLimitIsNamed) {
  store_.orders.ticket.memory_bytes = 64 << 20;
  const JobOutcome outcome = run("exec /usr/bin/python3 -c 'b = bytearray(256 << 20)'");
  if (lines().find("is not enforced") != std::string::npos)
    GTEST_SKIP() << "no writable control groups here";
  EXPECT_EQ(outcome.failure_reason, "AlgorithmError: out of memory (limit 67 MB), exit code: 137");
}

TEST_F(SuperviseTest, ADaemonThatRestartsMeanwhileLosesNothing) {
  store_.orders.ticket.channels.clear();
  store_.on_report = [this](const auto& request) {
    if (request.phase == "Training") store_.fail_next = 8;
    return false;
  };
  const JobOutcome outcome =
      run("for i in 1 2 3 4 5; do echo line $i; sleep 0.1; done; echo m > /opt/ml/model/m");
  EXPECT_EQ(outcome.result, "Completed");
  EXPECT_EQ(lines(), "line 1\nline 2\nline 3\nline 4\nline 5\n");
  EXPECT_EQ(members("model.tar.gz"), "m\n");
}

TEST_F(SuperviseTest, ADaemonThatNeverComesBackEndsTheProgram) {
  options_.patience = {.limit = std::chrono::milliseconds(300)};
  store_.on_report = [this](const auto& request) {
    if (request.phase == "Training") store_.fail_next = 1 << 30;
    return false;
  };
  store_.orders.ticket.command = {"sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"};
  EXPECT_THROW(supervise(options_, store_.connector()), Error);
  EXPECT_TRUE(fs::is_empty(store_.directory() / "work" / "my-job" / "algo-1"));
}

TEST_F(SuperviseTest, WithoutNamespacesAJobIsRefusedUnlessTheOperatorAllowedIt) {
  EXPECT_EQ(
      without_namespaces([&] {
        const JobOutcome outcome = run("echo ran");
        EXPECT_EQ(outcome.result, "Failed");
        EXPECT_THAT(outcome.failure_reason.value(),
                    HasSubstr("InternalServerError: this machine cannot make a sandbox: bwrap: "));
        EXPECT_THAT(outcome.failure_reason.value(), HasSubstr("MILLRACE_ALLOW_UNCONFINED=true"));
        EXPECT_EQ(lines(), "");
      }),
      0);
}

TEST_F(SuperviseTest, AnUnconfinedJobSaysSoAndCannotChangeTheStore) {
  EXPECT_EQ(without_namespaces([&] {
              options_.may_run_unconfined = true;
              store_.orders.ticket.network_isolation = false;
              const JobOutcome outcome =
                  run("cd $SAGEMAKER_BASE_DIR; cat input/data/train/a.csv; echo changed > "
                      "input/data/train/a.csv; "
                      "echo m > model/m; sleep 1000 & exit 0");
              EXPECT_EQ(outcome.result, "Completed");
              EXPECT_THAT(lines(),
                          HasSubstr("[millrace] this job runs WITHOUT a sandbox and in the "
                                    "machine's network"));
              EXPECT_THAT(lines(), HasSubstr("\n1,2\n"));
              EXPECT_EQ(members("model.tar.gz"), "m\n");
              EXPECT_EQ(read_file(store_.path("in", "data/a.csv")), "1,2\n");
            }),
            0);
}

TEST_F(SuperviseTest, AnIsolatedJobDoesNotRunInTheMachinesNetworkEvenWhereUnconfinedJobsMay) {
  EXPECT_EQ(without_namespaces([&] {
              options_.may_run_unconfined = true;
              const JobOutcome outcome = run("echo ran");
              EXPECT_EQ(outcome.result, "Failed");
              EXPECT_THAT(outcome.failure_reason.value(),
                          HasSubstr("This job asks for EnableNetworkIsolation, and without a "
                                    "sandbox its program would run in this machine's network."));
              EXPECT_EQ(lines(), "");
            }),
            0);
}

TEST_F(SuperviseTest, PlacesThatCouldOnlyBePartlyWrittenAreNamedToo) {
  auto& ticket = store_.orders.ticket;
  ticket.checkpoint_s3_uri = "s3://kept/run";
  store_.add("kept", "run/before", "restored");
  store_.missing_bucket = "out";
  EXPECT_EQ(run("echo m > /opt/ml/model/m; echo new > /opt/ml/checkpoints/after").result, "Failed");
  std::vector<std::string> told;
  for (const auto& report : store_.reports) {
    if (!report.residency) continue;
    told.clear();
    for (const auto& place : report.residency->places) {
      if (place.kind != "S3") continue;
      told.push_back(place.access + " " + place.place + " " +
                     (place.objects ? std::to_string(*place.objects) + " objects, " +
                                          std::to_string(*place.bytes) + " bytes"
                                    : "unknown"));
    }
  }
  EXPECT_THAT(told, ElementsAre("Read s3://in/data/ 1 objects, 4 bytes",
                                "Read s3://kept/run 1 objects, 8 bytes",
                                "Write s3://kept/run 1 objects, 4 bytes",
                                "Write s3://out/p/my-job/output unknown"));
}

/// The second of two hosts, beside what the first has left.
class SecondHostTest : public SuperviseTest {
 protected:
  SecondHostTest() {
    auto& ticket = store_.orders.ticket;
    ticket.host = "algo-2";
    ticket.hosts = {"algo-1", "algo-2"};
    ticket.host_addresses = {{{"algo-1", "127.9.8.1"}, {"algo-2", "127.9.8.2"}}};
    ticket.network_isolation = false;
    ticket.channels.clear();
    options_.host = "algo-2";
    // There is no first host whose network it could join.
    options_.machine_network = true;
    fs::create_directories(place("algo-1") / "output" / "data");
    fs::create_directories(place("algo-1") / "model");
    write_all(create_for_writing(place("algo-1") / "model" / "first").get(), "1");
  }

  [[nodiscard]] fs::path place(const std::string& host) const {
    return store_.directory() / "work" / "my-job" / host / "writable";
  }
  void supervise_script(const std::string& script) {
    store_.orders.ticket.command = {"sh", "-c", script};
    supervise(options_, store_.connector());
  }
};

TEST_F(SecondHostTest, AHostThatIsNotTheLastLeavesItsResultsAndReportsNoOutcome) {
  supervise_script("echo 2 > /opt/ml/model/second; echo done");
  const auto& last = store_.reports.back();
  EXPECT_EQ(last.host, "algo-2");
  ASSERT_TRUE(last.host_ended);
  EXPECT_EQ(last.host_ended->result, "Completed");
  EXPECT_FALSE(last.outcome);
  EXPECT_THAT(phases(), ElementsAre("Training"));
  EXPECT_THAT(lines(), HasSubstr("done\n"));
  EXPECT_EQ(read_file(place("algo-2") / "model" / "second"), "2\n");
  EXPECT_FALSE(fs::exists(place("algo-2").parent_path() / "scratch"));
  EXPECT_FALSE(store_.has("out", "p/my-job/output/model.tar.gz"));
}

TEST_F(SecondHostTest, TheLastHostUploadsWhatAllLeftAndReportsTheJobsOutcome) {
  store_.job_end = JobOutcome{.result = "Completed"};
  supervise_script("echo 2 > /opt/ml/model/second; echo o > /opt/ml/output/data/o");
  EXPECT_EQ(members("model.tar.gz"), "first\nsecond\n");
  EXPECT_EQ(members("output.tar.gz"), "o\n");
  ASSERT_TRUE(store_.reports.back().outcome);
  EXPECT_EQ(store_.reports.back().outcome->result, "Completed");
  EXPECT_TRUE(store_.reports.back().outcome->model_uploaded);
}

TEST_F(SecondHostTest, WhereAnotherHostHasFailedTheLastUploadsOutputButNoModel) {
  store_.job_end =
      JobOutcome{.result = "Failed", .failure_reason = "AlgorithmError: algo-1: x, exit code: 1"};
  supervise_script("echo o > /opt/ml/output/data/o");
  EXPECT_FALSE(store_.has("out", "p/my-job/output/model.tar.gz"));
  EXPECT_EQ(members("output.tar.gz"), "o\n");
  EXPECT_EQ(store_.reports.back().outcome.value().failure_reason,
            "AlgorithmError: algo-1: x, exit code: 1");
}

TEST_F(SecondHostTest, AFailureBeforeTheProgramIsTheHostsToo) {
  supervise_script("true");
  store_.reports.clear();
  store_.orders.ticket.command = {"/no/such/program"};
  supervise(options_, store_.connector());
  ASSERT_TRUE(store_.reports.back().host_ended);
  EXPECT_EQ(store_.reports.back().host_ended->result, "Failed");
  EXPECT_FALSE(store_.reports.back().host_ended->exit_code);
}

TEST_F(SecondHostTest, HostsFindEachOtherAndTheirGroups) {
  store_.orders.ticket.instance_groups = {
      {{.name = "a", .instance_type = "ml.m5.large", .hosts = {"algo-1"}},
       {.name = "b", .instance_type = "ml.c5.large", .hosts = {"algo-2"}}}};
  supervise_script(
      "getent hosts algo-1 algo-2 | cut -d' ' -f1; cat /opt/ml/input/config/resourceconfig.json");
  EXPECT_THAT(lines(), HasSubstr("127.9.8.1\n127.9.8.2\n"));
  EXPECT_THAT(lines(), HasSubstr(R"("current_host":"algo-2")"));
  EXPECT_THAT(lines(), HasSubstr(R"("current_group_name":"b")"));
  EXPECT_THAT(lines(), HasSubstr(R"("network_interface_name":"lo")"));
}

TEST_F(SuperviseTest, TheSupervisorsOwnLogStaysBehind) {
  fs::create_directories(store_.directory() / "work" / "my-job" / "algo-1");
  write_all(create_for_writing(store_.directory() / "work" / "my-job" / "algo-1" / "supervisor.log")
                .get(),
            "log");
  store_.orders.ticket.command = {"true"};
  supervise(options_, store_.connector());
  std::vector<std::string> left;
  for (const auto& entry :
       fs::directory_iterator(store_.directory() / "work" / "my-job" / "algo-1")) {
    left.push_back(entry.path().filename());
  }
  EXPECT_THAT(left, ElementsAre("supervisor.log"));
}

}  // namespace
}  // namespace millrace::runner
