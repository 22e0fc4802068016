"""What the rota means for people: where it leaves somebody alone, how fair it is, what an edit changes for whom.

hours       nights, weekends, holidays and working hours, on people's own clocks
stretches   stretches of time compared and measured
membership  who is among the people of a schedule, and when
findings    the value of a trouble, and everything it may be
outlook     a directory and what its rota comes to over a window
coverage    the gaps of steps
vacancies   the gaps of schedules, and what will become one
on_duty     people on call who are gone, or cannot be rung
clashes     people in two places
nobody_new  steps that wake nobody else
overrides   overrides that miss what was meant
inspection  all of these, in one list
groups      whose duty is looked at together
load        the values of fairness: what an hour weighs, what somebody carries
fairness    who carries how much, against an even share
share       how much of a team's strength being on duty takes
moves       what an edit moves, and whom it concerns
documents   all of it as JSON values
"""
