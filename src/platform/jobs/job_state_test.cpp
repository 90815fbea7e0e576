#include "platform/jobs/job_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "core/base/text.h"

namespace millrace::jobs {
namespace {

using ::testing::ElementsAre;

Time at(std::int64_t seconds) {
  return from_millis(seconds * 1000);
}

/// A job accepted at 0 to which events happen one second after another.
JobState run(const std::vector<JobEvent>& events, std::int64_t max_restarts = 0) {
  JobState state = accepted(at(0));
  std::int64_t seconds = 0;
  for (const JobEvent& event : events)
    state = after(std::move(state), event, at(++seconds), {.max_restarts = max_restarts});
  return state;
}

std::vector<std::string> visits(const JobState& state) {
  std::vector<std::string> names;
  for (const Transition& transition : state.transitions) names.push_back(transition.status);
  return names;
}

const TicketTaken kTicket{.log_stream = "job/algo-1-1"};
const PhaseReported kDownloading{.phase = "Downloading"};
const PhaseReported kTraining{.phase = "Training"};
const PhaseReported kUploading{.phase = "Uploading"};
const OutcomeReported kCompleted{.result = "Completed"};
const OutcomeReported kAlgorithmError{.result = "Failed",
                                      .failure_reason = "AlgorithmError: x, exit code: 1"};
const OutcomeReported kOurError{.result = "Failed", .failure_reason = "InternalServerError: disk"};
const StopAsked kStop{.has_instance = true};

TEST(JobState, AcceptedMeansStarting) {
  const JobState state = accepted(at(0));
  EXPECT_EQ(state.status, "InProgress");
  EXPECT_EQ(state.secondary, "Starting");
  EXPECT_THAT(state.transitions, ElementsAre(Transition{"Starting", at(0), std::nullopt,
                                                        "Starting the training job"}));
}

TEST(JobState, ACompletedJobVisitsEveryPhaseWithTimesAndMessages) {
  const JobState state = run({kTicket, kDownloading, kTraining, kUploading, kCompleted});
  EXPECT_EQ(state.status, "Completed");
  EXPECT_EQ(state.secondary, "Completed");
  EXPECT_THAT(
      state.transitions,
      ElementsAre(Transition{"Starting", at(0), at(2), "Preparing the instances for training"},
                  Transition{"Downloading", at(2), at(3), "Downloading input data"},
                  Transition{"Training", at(3), at(4),
                             "Training image download completed. Training in progress."},
                  Transition{"Uploading", at(4), at(5), "Uploading generated training model"},
                  Transition{"Completed", at(5), at(5), "Training job completed"}));
  EXPECT_EQ(state.training_start, at(3));
  EXPECT_EQ(state.training_end, at(5));
  EXPECT_EQ(state.modified, at(5));
  EXPECT_EQ(state.hosts[0].log_stream, "job/algo-1-1");
}

TEST(JobState, PhasesMaySkipAndRepeatButNeverGoBack) {
  EXPECT_THAT(visits(run({kTicket, kTraining, kDownloading, kTraining, kUploading, kTraining})),
              ElementsAre("Starting", "Training", "Uploading"));
  EXPECT_EQ(run({PhaseReported{.phase = "Dancing"}}), accepted(at(0)));
}

TEST(JobState, AMessageReplacesThatOfTheCurrentVisit) {
  const JobState state =
      run({kDownloading, PhaseReported{.phase = "Downloading", .message = "half"}});
  EXPECT_EQ(state.transitions.back().message, "half");
  EXPECT_THAT(visits(state), ElementsAre("Starting", "Downloading"));
}

TEST(JobState, TheProgramsStartIsTheTrainingStart) {
  EXPECT_EQ(run({ProgramStarted{.at = from_millis(500)}, kTraining}).training_start,
            from_millis(500));
  EXPECT_EQ(run({ProgramStarted{.at = at(100)}}).training_start, at(1))
      << "never later than it is reported";
}

TEST(JobState, AFailureCarriesItsReasonAndAJobThatNeverTrainedHasNoTrainingTimes) {
  const JobState trained = run({kTraining, kAlgorithmError});
  EXPECT_EQ(trained.status, "Failed");
  EXPECT_EQ(trained.secondary, "Failed");
  EXPECT_EQ(trained.failure_reason, "AlgorithmError: x, exit code: 1");
  EXPECT_EQ(trained.transitions.back().message, "Training job failed");
  EXPECT_EQ(trained.training_end, at(2));
  const JobState early =
      run({kDownloading, OutcomeReported{.result = "Failed", .failure_reason = "ClientError: no"}});
  EXPECT_FALSE(early.training_start || early.training_end);
}

TEST(JobState, AFailureReasonIsCutToItsLimitBetweenCharacters) {
  std::string reason = "AlgorithmError: ";
  for (int i = 0; i < 2500; ++i) reason += "\xC3\xA9";
  const JobState state = run({OutcomeReported{.result = "Failed", .failure_reason = reason}});
  EXPECT_LE(utf8_length(state.failure_reason), 1024U);
  EXPECT_TRUE(is_valid_utf8(state.failure_reason));
  EXPECT_TRUE(state.failure_reason.starts_with("AlgorithmError: \xC3\xA9"));
}

TEST(JobState, AWaitingJobStopsAtOnce) {
  const JobState state = run({StopAsked{.has_instance = false}});
  EXPECT_EQ(state.status, "Stopped");
  EXPECT_THAT(visits(state), ElementsAre("Starting", "Stopping", "Stopped"));
  EXPECT_FALSE(state.training_end);
}

TEST(JobState, ARunningJobIsStoppingUntilItsSupervisorIsDone) {
  const JobState stopping = run({kTicket, kTraining, kStop, kUploading, kStop});
  EXPECT_EQ(stopping.status, "Stopping");
  EXPECT_THAT(visits(stopping), ElementsAre("Starting", "Training", "Stopping"));
  for (const char* result : {"Stopped", "Completed"}) {
    const JobState stopped =
        after(stopping, OutcomeReported{.result = result}, at(9), {.max_restarts = 0});
    EXPECT_EQ(stopped.status, "Stopped") << result;
    EXPECT_EQ(stopped.secondary, "Stopped");
    EXPECT_EQ(stopped.training_end, at(9));
  }
  EXPECT_EQ(after(stopping, kOurError, at(9), {.max_restarts = 5}).status, "Failed")
      << "an upload that failed is not hidden";
}

TEST(JobState, AStopBeforeTheTicketStillLetsTheSupervisorFetchIt) {
  const JobState state = run({kStop, kTicket, OutcomeReported{.result = "Stopped"}});
  EXPECT_THAT(visits(state), ElementsAre("Starting", "Stopping", "Stopped"));
  EXPECT_TRUE(state.hosts[0].ticket_taken);
}

TEST(JobState, RunningTooLongEndsStoppedWithItsOwnSecondaryStatus) {
  const JobState state =
      run({kTicket, kTraining, kUploading, OutcomeReported{.result = "MaxRuntimeExceeded"}});
  EXPECT_EQ(state.status, "Stopped");
  EXPECT_EQ(state.secondary, "MaxRuntimeExceeded");
  EXPECT_EQ(state.failure_reason, "");
}

TEST(JobState, ASupervisorLostIsOurFailure) {
  const JobState state = run({kTicket, kTraining, SupervisorLost{.reason = "it was killed."}});
  EXPECT_EQ(state.status, "Failed");
  EXPECT_EQ(state.failure_reason, "InternalServerError: it was killed.");
}

TEST(JobState, ALostSupervisorOfAJobToBeStoppedStopsItUnlessThereWasAModelToSave) {
  EXPECT_EQ(run({kTicket, kStop, SupervisorLost{}}).status, "Stopped");
  EXPECT_EQ(run({kTicket, kTraining, kStop, SupervisorLost{}}).status, "Failed");
}

TEST(JobState, OnlyOurFailuresAreRetriedAndOnlyAsOftenAsAllowed) {
  const JobState waiting = run({kTicket, kTraining, kOurError}, 1);
  EXPECT_EQ(waiting.status, "InProgress");
  EXPECT_TRUE(restarting(waiting));
  EXPECT_FALSE(waiting.hosts[0].ticket_taken);
  const JobState again =
      after(waiting, TicketTaken{.log_stream = "other"}, at(9), {.max_restarts = 1});
  EXPECT_THAT(visits(again), ElementsAre("Starting", "Training", "Restarting", "Starting"));
  EXPECT_EQ(again.hosts[0].log_stream, "job/algo-1-1") << "one stream per job";
  EXPECT_EQ(again.training_start, at(2)) << "the runtime counts over all attempts";
  EXPECT_EQ(after(again, kOurError, at(10), {.max_restarts = 1}).status, "Failed");
  EXPECT_EQ(after(again, kCompleted, at(10), {.max_restarts = 1}).status, "Completed");
  EXPECT_EQ(run({kTicket, kAlgorithmError}, 5).status, "Failed");
  EXPECT_TRUE(restarting(run({kTicket, SupervisorLost{.reason = "x"}}, 1)));
}

TEST(JobState, TheEndOfASupervisorWhoseFailureIsBeingRetriedChangesNothing) {
  const JobState waiting = run({kTicket, kTraining, kOurError}, 1);
  JobState gone = after(waiting, SupervisorLost{.reason = "exit 1"}, at(9), {.max_restarts = 1});
  EXPECT_TRUE(std::exchange(gone.between_attempts, false));
  EXPECT_EQ(gone, waiting);
  EXPECT_EQ(after(waiting, kUploading, at(9), {.max_restarts = 1}), waiting)
      << "a late report of the old one";
  EXPECT_EQ(after(waiting, StopAsked{.has_instance = false}, at(9), {.max_restarts = 1}).status,
            "Stopped");
}

TEST(JobState, SupervisorsThatAreLostBeforeTheirTicketAreNotReplacedForEver) {
  const SupervisorLost lost{.reason = "it was killed."};
  const JobState waiting = run({kTicket, kTraining, kOurError, lost}, 2);
  const JobState again = after(waiting, lost, at(9), {.max_restarts = 2});
  EXPECT_TRUE(restarting(again));
  const JobState failed = after(again, lost, at(10), {.max_restarts = 2});
  EXPECT_EQ(failed.status, "Failed");
  EXPECT_EQ(failed.failure_reason, "InternalServerError: it was killed.");
  EXPECT_EQ(after(after(again, kTicket, at(10), {.max_restarts = 2}), kCompleted, at(11),
                  {.max_restarts = 2})
                .status,
            "Completed");
}

TEST(JobState, AFinishedJobStaysAsItIs) {
  const JobState done = run({kTraining, kCompleted});
  for (const JobEvent& event :
       std::vector<JobEvent>{kStop, kTicket, kUploading, kAlgorithmError, SupervisorLost{},
                             MetricsReported{{{.name = "m"}}}}) {
    EXPECT_EQ(after(done, event, at(9), {.max_restarts = 9}), done);
  }
}

TEST(JobState, MetricsKeepTheLastValueOfEachNameUpToForty) {
  JobState state = run(
      {MetricsReported{{{"a", 1, at(1)}, {"b", 2, at(1)}}}, MetricsReported{{{"a", 3, at(2)}}}});
  EXPECT_THAT(state.metrics, ElementsAre(LastMetric{"a", 3, at(2)}, LastMetric{"b", 2, at(1)}));
  MetricsReported many;
  for (int i = 0; i < 60; ++i) many.metrics.push_back({.name = "m" + std::to_string(i)});
  EXPECT_EQ(after(state, many, at(3), {.max_restarts = 0}).metrics.size(), 40U);
}

TEST(JobState, TimeNeverRunsBackwards) {
  const JobState state = after(run({kDownloading}), kTraining, at(-100), {.max_restarts = 0});
  EXPECT_EQ(state.transitions.back().start, at(1));
}

// Several hosts.

/// As run(), for a job of two hosts.
JobState run_two(const std::vector<JobEvent>& events, std::int64_t max_restarts = 0) {
  JobState state = accepted(at(0), 2);
  std::int64_t seconds = 0;
  for (const JobEvent& event : events)
    state = after(std::move(state), event, at(++seconds), {.max_restarts = max_restarts});
  return state;
}
const TicketTaken kTicket2{.host = "algo-2", .log_stream = "job/algo-2-1"};
const PhaseReported kDownloading2{.host = "algo-2", .phase = "Downloading"};
const PhaseReported kTraining2{.host = "algo-2", .phase = "Training"};
const HostEnded kEnded1{.host = "algo-1", .result = "Completed"};
const HostEnded kEnded2{.host = "algo-2", .result = "Completed"};
const HostEnded kBroken2{
    .host = "algo-2", .result = "Failed", .failure_reason = "AlgorithmError: x, exit code: 1"};
const HostEnded kStopped1{.host = "algo-1", .result = "Stopped"};

TEST(HostStates, AJobDownloadsWithItsFirstHostAndTrainsWithItsLast) {
  EXPECT_THAT(visits(run_two({kTicket, kTicket2, kDownloading})),
              ElementsAre("Starting", "Downloading"));
  EXPECT_THAT(visits(run_two({kTicket, kTicket2, kDownloading, kTraining, kDownloading2})),
              ElementsAre("Starting", "Downloading"));
  EXPECT_THAT(visits(run_two({kTicket, kTicket2, kTraining})), ElementsAre("Starting"));
  const JobState state = run_two({kTicket, kTicket2, kTraining, kTraining2});
  EXPECT_THAT(visits(state), ElementsAre("Starting", "Training"));
  EXPECT_EQ(state.training_start, at(3)) << "time runs from the first program";
  EXPECT_EQ(state.hosts[0].log_stream, "job/algo-1-1");
  EXPECT_EQ(state.hosts[1].log_stream, "job/algo-2-1");
}

TEST(HostStates, TheLastHostToEndUploadsAndItsOutcomeIsTheJobs) {
  const std::vector<JobEvent> events{kTicket, kTicket2, kTraining, kTraining2, kEnded2};
  const JobState one = run_two(events);
  EXPECT_EQ(one.secondary, "Training");
  EXPECT_FALSE(ending_for(one, "algo-2") || ending_for(one, "algo-1") || one.wants_stop());
  const JobState both = after(one, kEnded1, at(9), {.max_restarts = 0});
  EXPECT_EQ(both.secondary, "Uploading");
  EXPECT_EQ(ending_for(both, "algo-1"), (Ending{.result = "Completed", .failure_reason = {}}));
  EXPECT_FALSE(ending_for(both, "algo-2"));
  EXPECT_EQ(after(both, kEnded1, at(9), {.max_restarts = 0}), both)
      << "a report that is sent again";
  const JobState done = after(both, kCompleted, at(10), {.max_restarts = 0});
  EXPECT_EQ(done.status, "Completed");
  EXPECT_FALSE(ending_for(done, "algo-1"));
  EXPECT_THAT(visits(done), ElementsAre("Starting", "Training", "Uploading", "Completed"));
}

TEST(HostStates, TheFirstFailureStopsTheOthersAndIsToldWithItsHost) {
  const JobState broken = run_two({kTicket, kTicket2, kTraining, kTraining2, kBroken2});
  EXPECT_TRUE(broken.wants_stop());
  EXPECT_EQ(broken.status, "InProgress");
  const JobState both = after(broken, kStopped1, at(9), {.max_restarts = 0});
  const std::optional<Ending> ending = ending_for(both, "algo-1");
  ASSERT_TRUE(ending);
  EXPECT_EQ(*ending, (Ending{.result = "Failed",
                             .failure_reason = "AlgorithmError: algo-2: x, exit code: 1"}));
  const JobState done = after(
      both, OutcomeReported{.result = ending->result, .failure_reason = ending->failure_reason},
      at(10), {.max_restarts = 0});
  EXPECT_EQ(done.status, "Failed");
  EXPECT_EQ(done.failure_reason, "AlgorithmError: algo-2: x, exit code: 1");
}

TEST(HostStates, OneHostThatWasStoppedOrRanTooLongGivesTheJobItsResult) {
  const JobState stopped =
      run_two({kTicket, kTicket2, kTraining, kTraining2, kEnded2, kStop, kStopped1});
  EXPECT_EQ(ending_for(stopped, "algo-1").value().result, "Stopped");
  EXPECT_EQ(after(stopped, OutcomeReported{.result = "Stopped"}, at(9), {.max_restarts = 0}).status,
            "Stopped");
  const HostEnded late{.host = "algo-1", .result = "MaxRuntimeExceeded"};
  EXPECT_TRUE(run_two({kTicket, kTicket2, kTraining, late}).wants_stop())
      << "the job's time is over for the others too, whenever they began";
  EXPECT_EQ(
      ending_for(run_two({kTicket, kTicket2, kTraining, kEnded2, late}), "algo-1").value().result,
      "MaxRuntimeExceeded");
}

TEST(HostStates, ALostSupervisorFailsTheJobOnceTheOthersHaveEnded) {
  const SupervisorLost lost{.host = "algo-2", .reason = "it was killed."};
  const JobState waiting = run_two({kTicket, kTicket2, kTraining, kTraining2, lost});
  EXPECT_EQ(waiting.status, "InProgress");
  EXPECT_TRUE(waiting.wants_stop());
  EXPECT_EQ(ending_for(after(waiting, kStopped1, at(9), {.max_restarts = 0}), "algo-1")
                .value()
                .failure_reason,
            "InternalServerError: algo-2: it was killed.");
  const JobState alone =
      after(waiting, SupervisorLost{.reason = "too"}, at(9), {.max_restarts = 0});
  EXPECT_EQ(alone.status, "Failed");
  EXPECT_EQ(alone.failure_reason, "InternalServerError: algo-2: it was killed.");
}

TEST(HostStates, TheEndOfASupervisorThatHasSaidItsPartChangesNothing) {
  const JobState one = run_two({kTicket, kTicket2, kTraining, kTraining2, kEnded2});
  EXPECT_EQ(after(one, SupervisorLost{.host = "algo-2"}, at(9), {.max_restarts = 0}), one);
  const JobState both = after(one, kEnded1, at(9), {.max_restarts = 0});
  EXPECT_EQ(after(both, SupervisorLost{.host = "algo-2"}, at(10), {.max_restarts = 0}), both);
  const JobState lost =
      after(both, SupervisorLost{.host = "algo-1", .reason = "gone."}, at(10), {.max_restarts = 0});
  EXPECT_EQ(lost.status, "Failed") << "nobody has uploaded what it was to upload";
  EXPECT_EQ(lost.failure_reason, "InternalServerError: algo-1: gone.");
}

TEST(HostStates, AJobThatIsStoppedBeforeAnythingRanNeedsNoSupervisorToStop) {
  EXPECT_EQ(run_two({kTicket, kTicket2, kStop, SupervisorLost{.host = "algo-2"},
                     SupervisorLost{.host = "algo-1"}})
                .status,
            "Stopped");
}

TEST(HostStates, WhereNoProgramRanTheLastHostHasNothingToUpload) {
  const HostEnded no_data{
      .host = "algo-2", .result = "Failed", .failure_reason = "ClientError: no data"};
  const JobState failed = run_two({kTicket, kTicket2, kDownloading, no_data, kStopped1});
  EXPECT_EQ(failed.status, "Failed");
  EXPECT_EQ(failed.failure_reason, "ClientError: algo-2: no data");
  EXPECT_FALSE(ending_for(failed, "algo-1"));
}

TEST(HostStates, ARetriedJobBeginsWithEveryHostAnew) {
  const HostEnded ours{
      .host = "algo-2", .result = "Failed", .failure_reason = "InternalServerError: disk"};
  const OutcomeReported outcome{.result = "Failed",
                                .failure_reason = "InternalServerError: algo-2: disk"};
  const JobState waiting =
      run_two({kTicket, kTicket2, kTraining, kTraining2, ours, kStopped1, outcome}, 1);
  EXPECT_TRUE(restarting(waiting));
  for (const HostState& host : waiting.hosts) EXPECT_FALSE(host.ticket_taken || host.ended());
  EXPECT_FALSE(waiting.wants_stop());
  const std::vector<JobEvent> again{kTicket2, kTicket, kTraining, kTraining2,
                                    kEnded1,  kEnded2, kCompleted};
  JobState state = waiting;
  for (const JobEvent& event : again) state = after(state, event, at(20), {.max_restarts = 1});
  EXPECT_EQ(state.status, "Completed");
  EXPECT_THAT(visits(state), ElementsAre("Starting", "Training", "Uploading", "Restarting",
                                         "Starting", "Training", "Uploading", "Completed"));
}

TEST(HostStates, SurviveTheirJsonForm) {
  const JobState state = run_two({kTicket, kTicket2, kTraining, kBroken2, kStopped1});
  EXPECT_EQ(state_from_json(parse_json(to_text(to_json(state)), "test")), state);
}

TEST(JobState, AStateWrittenBeforeThereWereSeveralHostsIsThatOfOneHost) {
  Json json = to_json(run({kTicket, kTraining}));
  json.erase("Hosts");
  json.erase("Uploader");
  json.erase("HostFailure");
  json["LogStream"] = "job/algo-1-1";
  json["TicketTaken"] = true;
  EXPECT_EQ(state_from_json(json), run({kTicket, kTraining}));
}

TEST(JobState, SurvivesItsJsonForm) {
  const JobState state =
      run({kTicket, kTraining, MetricsReported{{{"a", 0.25, at(1)}}}, kOurError}, 1);
  EXPECT_EQ(state_from_json(parse_json(to_text(to_json(state)), "test")), state);
}

// Managed spot training.

constexpr RestartRules kSpot{.spot = true};
const InterruptAsked kInterrupt{.grace_seconds = 30};

/// As run(), of a spot job with so many hosts.
JobState run_spot(const std::vector<JobEvent>& events, std::int64_t hosts = 1) {
  JobState state = accepted(at(0), hosts);
  std::int64_t seconds = 0;
  for (const JobEvent& event : events) state = after(std::move(state), event, at(++seconds), kSpot);
  return state;
}

TEST(SpotJobState, AnInterruptedJobGoesOnOnceItsSupervisorIsGone) {
  const JobState going = run_spot({kTicket, kTraining, kInterrupt});
  EXPECT_EQ(going.status, "InProgress");
  EXPECT_EQ(going.transitions.back(),
            (Transition{"Interrupted", at(3), std::nullopt, "Training job interrupted"}));
  EXPECT_TRUE(restarting(going) && going.wants_stop());
  EXPECT_EQ(going.interrupt_grace, 30);
  const JobState gone = after(going, SupervisorLost{}, at(5), kSpot);
  EXPECT_TRUE(restarting(gone));
  EXPECT_FALSE(gone.wants_stop()) << "the next supervisor is not to stop";
  JobState again = gone;
  for (const JobEvent& event : std::vector<JobEvent>{kTicket, kTraining, kUploading, kCompleted})
    again = after(again, event, at(20), kSpot);
  EXPECT_EQ(again.status, "Completed");
  EXPECT_THAT(visits(again), ElementsAre("Starting", "Training", "Interrupted", "Starting",
                                         "Training", "Uploading", "Completed"));
}

TEST(SpotJobState, WhatAnInterruptedAttemptStillReportsDoesNotCount) {
  for (const JobState& going : {run_spot({kTicket, kTraining, kInterrupt}),
                                run_spot({kTicket, kTraining, kInterrupt, kStop}),
                                run_spot({kTicket, kInterrupt, kStop})}) {
    for (const JobEvent& event :
         std::vector<JobEvent>{kTraining, kUploading, kCompleted, kAlgorithmError, kInterrupt,
                               ProgramStarted{.at = at(1)}, HostEnded{.result = "Completed"},
                               TicketTaken{.log_stream = "late"}})
      EXPECT_EQ(after(going, event, at(9), kSpot), going) << going.status << " " << event.index();
  }
  const JobState early = run_spot({kInterrupt, kTicket});
  EXPECT_TRUE(early.wants_stop()) << "a ticket of the attempt that was interrupted before it";
  EXPECT_EQ(early.secondary, "Interrupted");
  EXPECT_EQ(early.hosts[0].log_stream, "job/algo-1-1");
}

TEST(SpotJobState, ALostSupervisorIsAnInterruptionButNotForEver) {
  JobState state = run_spot({kTicket, kTraining, SupervisorLost{.reason = "it was killed."}});
  EXPECT_EQ(state.transitions.back().message, "Training job interrupted: it was killed.");
  EXPECT_FALSE(state.wants_stop());
  for (std::int64_t losses = 1; losses < RestartRules::kMaxLosses; ++losses) {
    state = after(after(state, kTicket, at(9), kSpot), SupervisorLost{}, at(9), kSpot);
    EXPECT_TRUE(restarting(state)) << losses;
  }
  state = after(after(state, kTicket, at(9), kSpot), SupervisorLost{.reason = "x"}, at(9), kSpot);
  EXPECT_EQ(state.failure_reason, "InternalServerError: x");
}

TEST(SpotJobState, ALossBeforeTheTicketCountsToo) {
  const SupervisorLost lost{.reason = "x"};
  JobState state = run_spot({kTicket, kTraining, kInterrupt, lost});
  for (std::int64_t losses = 0; losses < RestartRules::kMaxLosses; ++losses) {
    EXPECT_TRUE(restarting(state)) << losses;
    state = after(state, lost, at(9), kSpot);
  }
  EXPECT_TRUE(restarting(state));
  EXPECT_EQ(after(state, lost, at(10), kSpot).failure_reason, "InternalServerError: x");
}

TEST(SpotJobState, AFailureIsNoInterruption) {
  EXPECT_EQ(run_spot({kTicket, kTraining, kAlgorithmError}).status, "Failed");
  EXPECT_EQ(run_spot({kTicket, kTraining, kOurError}).status, "Failed");
  const HostEnded broken{
      .host = "algo-2", .result = "Failed", .failure_reason = "AlgorithmError: x"};
  const JobState failing = run_spot({kTicket, kTraining, broken}, 2);
  EXPECT_EQ(after(failing, kInterrupt, at(9), kSpot), failing) << "it is ending already";
  EXPECT_EQ(run({kTicket, kTraining, kInterrupt}), run({kTicket, kTraining})) << "no spot job";
}

TEST(SpotJobState, HostsAreInterruptedTogetherAndTheLastToGoMakesRoom) {
  const TicketTaken other{.host = "algo-2", .log_stream = "job/algo-2-1"};
  const SupervisorLost lost{.host = "algo-2", .reason = "it was killed.", .last = false};
  for (const JobEvent& event : std::vector<JobEvent>{kInterrupt, lost}) {
    const JobState going = run_spot({kTicket, other, event}, 2);
    EXPECT_EQ(going.secondary, "Interrupted");
    EXPECT_TRUE(going.wants_stop());
    const JobState one = after(going, lost, at(8), kSpot);
    EXPECT_EQ(one, going);
    EXPECT_FALSE(after(one, SupervisorLost{.host = "algo-1"}, at(9), kSpot).wants_stop());
  }
}

TEST(SpotJobState, AnInterruptedJobCanBeStopped) {
  const JobState going = run_spot({kTicket, kTraining, kInterrupt, kStop});
  EXPECT_EQ(going.status, "Stopping");
  const JobState stopped = after(going, SupervisorLost{}, at(9), kSpot);
  EXPECT_THAT(visits(stopped),
              ElementsAre("Starting", "Training", "Interrupted", "Stopping", "Stopped"));
  const JobState waiting = run_spot({kTicket, kTraining, kInterrupt, SupervisorLost{}});
  EXPECT_EQ(after(waiting, StopAsked{.has_instance = false}, at(9), kSpot).status, "Stopped");
}

TEST(SpotJobState, TimeWithoutInstancesIsNotTrainedTime) {
  using std::chrono::seconds;
  JobState state = run_spot({kTicket, kTraining, kDownloading, kInterrupt, SupervisorLost{}});
  EXPECT_EQ(state.trained(at(50)), seconds(2));
  state = after(state, kTicket, at(100), kSpot);
  EXPECT_EQ(state.trained(at(101)), seconds(2)) << "no program runs yet";
  state = after(state, kTraining, at(102), kSpot);
  EXPECT_EQ(state.trained(at(105)), seconds(5));
  state = after(state, kCompleted, at(110), kSpot);
  EXPECT_EQ(state.trained(at(1000)), seconds(10));
  EXPECT_EQ(*state.training_end - *state.training_start, seconds(108));
}

TEST(SpotJobState, AfterItsWaitAJobIsOverWhereverItIs) {
  const WaitExceeded waiting{.has_instance = false};
  const WaitExceeded running{.has_instance = true};
  const OutcomeReported stopped{.result = "Stopped"};
  for (const JobState& state :
       {run_spot({waiting}), run_spot({kTicket, kTraining, kInterrupt, SupervisorLost{}, waiting}),
        run_spot({kTicket, kTraining, kInterrupt, running, SupervisorLost{}}),
        run_spot({kTicket, kTraining, running, SupervisorLost{}}),
        run_spot({kTicket, kTraining, running, stopped}),
        run_spot({kTicket, kTraining, running, OutcomeReported{.result = "MaxRuntimeExceeded"}})}) {
    EXPECT_EQ(state.status, "Stopped");
    EXPECT_EQ(state.secondary, "MaxWaitTimeExceeded");
    EXPECT_TRUE(state.transitions.back().end);
  }
  EXPECT_TRUE(run_spot({kTicket, kTraining, running}).wants_stop());
  EXPECT_EQ(run_spot({kTicket, kTraining, running, kCompleted}).status, "Completed");
  EXPECT_EQ(run_spot({kTicket, kTraining, running, kStop, stopped}).secondary, "Stopped");
}

TEST(SpotJobState, AFailedAttemptIsNotRetriedOnceTheWaitIsOver) {
  const RestartRules retried{.max_restarts = 1, .spot = true};
  JobState state = run({kTicket, kTraining, kOurError}, 1);
  ASSERT_EQ(state.secondary, "Restarting");
  // Its supervisor has not gone yet, so that the job does not wait in the queue.
  state = after(state, WaitExceeded{.has_instance = true}, at(8), retried);
  state = after(state, SupervisorLost{}, at(9), retried);
  EXPECT_EQ(state.status, "Stopped");
  EXPECT_EQ(state.secondary, "MaxWaitTimeExceeded");
}

TEST(SpotJobState, SurvivesItsJsonFormAndReadsOlderOnes) {
  for (const JobState& state :
       {run_spot({kTicket, kTraining, kInterrupt, WaitExceeded{true}}),
        run_spot({kTicket, kTraining, SupervisorLost{}}),
        run_spot({kTicket, kTraining, kInterrupt, SupervisorLost{}, kTicket, kTraining})}) {
    EXPECT_EQ(state_from_json(parse_json(to_text(to_json(state)), "test")), state);
  }
  Json older = to_json(run({kTicket, kTraining}));
  for (const char* name :
       {"BetweenAttempts", "InterruptGrace", "Losses", "Interrupted", "Paused", "WaitExceeded"})
    older.erase(name);
  EXPECT_EQ(state_from_json(older), run({kTicket, kTraining}));
}

TEST(JobState, ExitMessagesOfAllHostsStandOneAfterTheOther) {
  const OutcomeReported said{.result = "Completed", .exit_message = "well done"};
  EXPECT_EQ(run({kTicket, kTraining, said}).exit_message(), "well done");

  JobState state = accepted(at(0), 2);
  for (const char* host : {"algo-1", "algo-2"}) {
    state = after(std::move(state), TicketTaken{.host = host, .log_stream = host}, at(1), {});
    state = after(std::move(state), PhaseReported{.host = host, .phase = "Training"}, at(2), {});
  }
  state =
      after(std::move(state),
            HostEnded{.host = "algo-2", .result = "Completed", .exit_message = "two."}, at(3), {});
  state =
      after(std::move(state),
            HostEnded{.host = "algo-1", .result = "Completed", .exit_message = "one."}, at(4), {});
  state = after(std::move(state), kCompleted, at(5), {});
  EXPECT_EQ(state.status, "Completed");
  EXPECT_EQ(state.exit_message(), "one.two.");
  EXPECT_EQ(state_from_json(to_json(state)), state);
}

}  // namespace
}  // namespace millrace::jobs
