//! When a camera that refused us is dialled again. One that serves as many sessions as it can: not before it can have
//! freed one. One that takes our login for wrong: so seldom that it locks no account, whose owner may sit at its page.

use std::time::{Duration, Instant};

use crate::engine::SourceCause;

/// For how long a camera holds a session that it told no time-out of (RFC 2326, 12.37).
const TIMEOUT_UNTOLD: Duration = Duration::from_secs(60);
const AGAIN_AFTER_MIN: Duration = Duration::from_secs(1);
/// Cameras lock an account for half an hour after five to ten wrong logins.
const LOGINS_AT_ONCE: u32 = 3;
const LOGIN_AGAIN_AFTER: Duration = Duration::from_secs(15 * 60);

/// What is known of the sessions that a camera holds, and of the logins that it refused.
#[derive(Debug, Default)]
pub struct Sessions {
    timeout: Option<Duration>,
    /// When our newest one ended: the camera may not have noticed.
    ours_ended: Option<Instant>,
    logins_refused: u32,
    again: Option<(Instant, SourceCause)>,
}

impl Sessions {
    /// A session of ours is over that the camera keeps for `timeout` without a sign of life.
    pub fn ended(&mut self, timeout: Duration, now: Instant) {
        self.timeout = Some(timeout);
        self.ours_ended = Some(now);
        self.logins_refused = 0;
    }

    /// The camera took our login for wrong. Returns for how long it is left alone, once it did so a few times in a row.
    pub fn refused_login(&mut self, now: Instant) -> Option<Duration> {
        self.logins_refused += 1;
        if self.logins_refused < LOGINS_AT_ONCE {
            return None;
        }
        self.again = Some((now + LOGIN_AGAIN_AFTER, SourceCause::WrongPassword));
        Some(LOGIN_AGAIN_AFTER)
    }

    /// The camera refused another session. Returns for how long it is left alone: as it says; behind a 453 until it can
    /// have given up our last session, or anybody's; None where it only calls itself unavailable.
    pub fn refused(
        &mut self,
        status: u16,
        retry_after_s: Option<u64>,
        now: Instant,
        at_most: Duration,
    ) -> Option<Duration> {
        let pause = match (retry_after_s, status) {
            (Some(seconds), _) => Duration::from_secs(seconds),
            (None, 453) => {
                let timeout = self.timeout.unwrap_or(TIMEOUT_UNTOLD);
                let since = self.ours_ended.map(|ended| now.saturating_duration_since(ended));
                since.and_then(|since| timeout.checked_sub(since)).filter(|left| !left.is_zero()).unwrap_or(timeout)
            }
            (None, _) => return None,
        };
        let pause = pause.max(AGAIN_AFTER_MIN).min(at_most);
        self.again = Some((now + pause, SourceCause::Busy));
        Some(pause)
    }

    /// How much of that is left, and why.
    pub fn left_alone_for(&self, now: Instant) -> Option<(Duration, SourceCause)> {
        let (at, cause) = self.again?;
        let left = at.saturating_duration_since(now);
        (!left.is_zero()).then_some((left, cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_MOST: Duration = Duration::from_secs(120);
    const SECOND: Duration = Duration::from_secs(1);
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn behind_a_453_a_camera_is_left_alone_until_it_can_have_freed_a_session() {
        let now = Instant::now();
        let mut sessions = Sessions::default();
        assert_eq!(
            sessions.refused(453, None, now, AT_MOST),
            Some(60 * SECOND),
            "anybody's, by the standard's time-out"
        );
        sessions.ended(Duration::from_secs(30), now);
        let later = now + Duration::from_secs(10);
        assert_eq!(sessions.refused(453, None, later, AT_MOST), Some(20 * SECOND), "ours");
        let left = sessions.left_alone_for(later + Duration::from_secs(5));
        assert_eq!(left, Some((15 * SECOND, SourceCause::Busy)));
        assert_eq!(sessions.left_alone_for(later + Duration::from_secs(20)), None);
        assert_eq!(sessions.refused(453, None, now + MINUTE, AT_MOST), Some(30 * SECOND), "ours is gone: another's");
        sessions.ended(Duration::from_secs(86_400), now);
        assert_eq!(sessions.refused(453, None, now, AT_MOST), Some(120 * SECOND), "at most");
    }

    #[test]
    fn a_camera_that_says_when_is_taken_at_its_word_and_one_that_is_only_unavailable_is_not_left_alone() {
        let now = Instant::now();
        let mut sessions = Sessions::default();
        assert_eq!(sessions.refused(503, None, now, AT_MOST), None);
        assert_eq!(sessions.left_alone_for(now), None);
        assert_eq!(sessions.refused(503, Some(7), now, AT_MOST), Some(7 * SECOND));
        assert_eq!(sessions.refused(453, Some(0), now, AT_MOST), Some(SECOND));
        assert_eq!(sessions.refused(453, Some(u64::MAX), now, AT_MOST), Some(120 * SECOND));
    }

    #[test]
    fn a_camera_that_takes_the_login_for_wrong_is_asked_three_times_and_then_so_seldom_that_it_locks_no_account() {
        let now = Instant::now();
        let mut sessions = Sessions::default();
        assert_eq!([sessions.refused_login(now), sessions.refused_login(now)], [None, None]);
        assert_eq!(sessions.refused_login(now), Some(15 * MINUTE));
        assert_eq!(sessions.left_alone_for(now + 5 * MINUTE), Some((10 * MINUTE, SourceCause::WrongPassword)));
        assert_eq!(sessions.left_alone_for(now + 15 * MINUTE), None);
        assert_eq!(sessions.refused_login(now + 15 * MINUTE), Some(15 * MINUTE), "once more, and left alone again");
        sessions.ended(MINUTE, now);
        assert_eq!(sessions.refused_login(now), None, "it had let us in meanwhile");
    }
}
