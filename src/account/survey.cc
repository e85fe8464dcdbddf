// Survey answers: net promoter score and customer satisfaction.
#include "account/kinds.h"

namespace keyfold {
namespace {

constexpr int kPromoterFrom = 9;   // of 0-10
constexpr int kDetractorUpTo = 6;  // of 0-10
constexpr int kSatisfiedFrom = 4;  // of 1-5

}  // namespace

void ContributeSurvey(Events events, const Calendar& calendar, Contributions& contributions) {
  // Every event of a response answers it; the last one says what.
  const v1::SurveyAnswered& answer = events.back()->survey_answered();
  const Day day = DayOf(*events.front(), calendar);
  const int score = answer.score();
  if (answer.kind() == v1::SurveyAnswered::NPS) {
    contributions.Add(Measure::kNpsResponses, day, 1);
    if (score >= kPromoterFrom) contributions.Add(Measure::kNpsPromoters, day, 1);
    if (score <= kDetractorUpTo) contributions.Add(Measure::kNpsDetractors, day, 1);
  } else {
    contributions.Add(Measure::kCsatResponses, day, 1);
    contributions.Add(Measure::kCsatScore, day, score);
    if (score >= kSatisfiedFrom) contributions.Add(Measure::kCsatSatisfied, day, 1);
  }
}

}  // namespace keyfold
