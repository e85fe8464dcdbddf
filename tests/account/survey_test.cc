#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;

v1::AccountEvent Answered(std::string_view when, std::string_view kind, int score) {
  return At(when,
            absl::StrCat("survey_answered { response_id: 'R' kind: ", std::string(kind), " score: ", score, " }"));
}

std::vector<std::string> Survey(std::string_view kind, int score) {
  return Contributed(EntityKind::kSurvey, {Answered("2025-03-01", kind, score)});
}

TEST(SurveyTest, PromotersAreNineAndTen) {
  for (int score : {9, 10}) {
    EXPECT_THAT(Survey("NPS", score), ElementsAre("nps_responses +1 @ 2025-03-01", "nps_promoters +1 @ 2025-03-01"));
  }
}

TEST(SurveyTest, SevenAndEightArePassive) {
  for (int score : {7, 8}) EXPECT_THAT(Survey("NPS", score), ElementsAre("nps_responses +1 @ 2025-03-01"));
}

TEST(SurveyTest, DetractorsAreZeroToSix) {
  for (int score : {0, 3, 6}) {
    EXPECT_THAT(Survey("NPS", score), ElementsAre("nps_responses +1 @ 2025-03-01", "nps_detractors +1 @ 2025-03-01"));
  }
}

TEST(SurveyTest, SatisfiedFromFour) {
  EXPECT_THAT(Survey("CSAT", 3), ElementsAre("csat_responses +1 @ 2025-03-01", "csat_score +3 @ 2025-03-01"));
  EXPECT_THAT(Survey("CSAT", 4), ElementsAre("csat_responses +1 @ 2025-03-01", "csat_satisfied +1 @ 2025-03-01",
                                             "csat_score +4 @ 2025-03-01"));
}

TEST(SurveyTest, AnsweredAgainTakesTheNewAnswerOnTheFirstDay) {
  EXPECT_THAT(Contributed(EntityKind::kSurvey, {Answered("2025-03-01", "CSAT", 4), Answered("2025-04-01", "NPS", 8)}),
              ElementsAre("nps_responses +1 @ 2025-03-01"));
}

}  // namespace
}  // namespace keyfold
