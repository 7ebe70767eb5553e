"""dispatch says: time that runs, stands still, is over or is given."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


# It should have ended by now.
class DispatchOverdueV1(Message, heard_by=("intake",)):
    """Told once, when the limit of its category has passed."""

    close_by: datetime


# The clocks stand still, for a reason and until an end.
class DispatchPausedV1(Message, heard_by=("intake", "evaluation")):
    """Nothing is late while it is paused. It ends by itself."""

    kind: str  # pause, deferral, question (the resident is asked)
    reason: PublicText
    until: datetime  # at the latest


# The clocks go on with what was left of their time.
class DispatchResumedV1(Message, heard_by=("intake", "evaluation")):
    """Told once for each pause that ended while the matter was open."""

    kind: str  # of the pause: pause, deferral, question
    how: str  # time: it was over; resumed: by the unit; answered: by the resident
    close_by: datetime  # when it must have ended now
    note: PublicText = ""


# Most of the time has passed.
class ReminderSentV1(Message, heard_by=("intake",)):
    """Told once for each clock, before it ends."""

    clock: str  # dispatch, whistle, referral, handling, deadlock, close_by, …
    level: str  # whose turn it is: grid, community, street, district
    ends: datetime


# The unit that has it needs more time, and asks the next level.
class MoreTimeAskedV1(Message, heard_by=("intake",)):
    """Nothing changes until the level that decides has answered."""

    kind: str  # pause, deferral, extension
    reason: PublicText
    until: datetime  # the end of the pause, or the new latest end of the matter
    decided_by: str  # level: community, street, district


# The level above does not give more time.
class MoreTimeRefusedV1(Message, heard_by=("intake",)):
    """The clocks run on as they did."""

    kind: str  # pause, deferral, extension
    note: PublicText = ""


# It may take longer.
class ExtensionGrantedV1(Message, heard_by=("intake", "evaluation")):
    """The level above has granted it."""

    reason: PublicText
    close_by: datetime  # when it must have ended now


# What it is about, or how urgent it is, was corrected.
class ClocksRecountedV1(Message, heard_by=("intake", "evaluation")):
    """Its limits are those that it would have had from its placing on."""

    urgency: str
    answer_by: datetime | None  # when somebody must have taken it; None: somebody has
    close_by: datetime


# Nobody of the level answered in time: the next one has to.
class NextLevelAskedV1(Message, heard_by=("intake",)):
    """Where no whistle is blown: a request for more time, work that waits for its check."""

    clock: str  # time_request, check
    from_level: str  # that was silent: grid, community, street
    to_level: str
    answer_by: datetime


# The end of the whole is another one.
class EndMovedV1(Message, heard_by=("intake", "evaluation")):
    """Told when it was counted anew."""

    close_by: datetime  # when it must have ended now
    cause: str  # rework: it is done again, in a time of its own; calendar: there is a new list of holidays


# Whether a limit was kept: by the clocks of dispatch, which nobody else knows.
class LimitJudgedV1(Message, heard_by=("evaluation",)):
    """`answer`: told once per order, with the first answer or when the limit for one has passed. `close`: told when
    the work passed its check or its limit has passed, and again when that changes while the matter is open."""

    limit: str  # answer, close
    in_time: (
        bool | None
    )  # of close, None: it is neither done nor late any more (more time, or it is done again)
