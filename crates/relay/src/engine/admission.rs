//! Who may watch: viewings, their single-use tickets, their deadlines.
//!
//! `S` is the handle of a viewer's socket; it is given back, never used. Times are milliseconds of one monotonic clock.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

/// A ticket or a session, known here by its SHA-256 only.
pub type Sha256 = [u8; 32];
/// A ticket never lives longer (api, Media).
pub const TICKET_TTL_MS_MAX: u64 = 30_000;
const TICKETS_A_VIEWING_MAX: usize = 4;

/// Why no ticket or viewing could be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("no such viewing")]
    UnknownViewing,
    #[error("no such ticket: never issued, used or late")]
    UnknownTicket,
    #[error("the ticket is another session's")]
    OtherSession,
    #[error("as many viewings as may be")]
    Full,
}

/// What became due.
#[derive(Debug, PartialEq, Eq)]
pub enum Due<S> {
    /// The viewing is over and forgotten; its socket, if it had one, is to be closed.
    Deadline { viewing: Arc<str>, socket: Option<S> },
    /// Its last ticket was never used and it has no socket.
    TicketLapsed { viewing: Arc<str> },
}

/// A ticket that won.
#[derive(Debug, PartialEq, Eq)]
pub struct Redeemed<S> {
    pub viewing: Arc<str>,
    pub camera: Arc<str>,
    /// The socket that this one replaces.
    pub replaced: Option<S>,
}

#[derive(Debug)]
struct Viewing<S> {
    camera: Arc<str>,
    deadline_ms: Option<u64>,
    tickets: VecDeque<Sha256>,
    /// The socket's number, and its handle until an order was sent by it.
    socket: Option<(u64, Option<S>)>,
}

#[derive(Debug)]
struct Ticket {
    viewing: Arc<str>,
    session: Sha256,
    expires_ms: u64,
}

#[derive(Debug)]
pub struct Admissions<S> {
    viewings: HashMap<Arc<str>, Viewing<S>>,
    tickets: HashMap<Sha256, Ticket>,
    /// Every deadline and expiry, soonest first.
    agenda: BTreeSet<(u64, Entry)>,
    viewings_max: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    Viewing(Arc<str>),
    Ticket(Sha256),
}

impl<S> Admissions<S> {
    pub fn new(viewings_max: usize) -> Self {
        Self { viewings: HashMap::new(), tickets: HashMap::new(), agenda: BTreeSet::new(), viewings_max }
    }

    pub fn len(&self) -> usize {
        self.viewings.len()
    }

    pub fn is_empty(&self) -> bool {
        self.viewings.is_empty()
    }

    pub fn tickets(&self) -> usize {
        self.tickets.len()
    }

    /// Admits a viewing, or sets the deadline of one that exists on the same camera anew.
    pub fn admit(&mut self, viewing: &str, camera: &str, hold_ms: Option<u64>, now_ms: u64) -> Result<(), Refusal> {
        if self.viewings.get(viewing).is_none_or(|known| &*known.camera != camera) {
            if self.viewings.len() >= self.viewings_max && !self.viewings.contains_key(viewing) {
                return Err(Refusal::Full);
            }
            self.forget(viewing);
            let fresh = Viewing { camera: camera.into(), deadline_ms: None, tickets: VecDeque::new(), socket: None };
            self.viewings.insert(viewing.into(), fresh);
        }
        self.set_deadline(viewing, hold_ms.map(|hold| now_ms.saturating_add(hold)))
    }

    /// Moves the deadline to `hold_ms` from now.
    pub fn extend(&mut self, viewing: &str, hold_ms: u64, now_ms: u64) -> Result<(), Refusal> {
        self.set_deadline(viewing, Some(now_ms.saturating_add(hold_ms)))
    }

    fn set_deadline(&mut self, viewing: &str, deadline_ms: Option<u64>) -> Result<(), Refusal> {
        let (name, _) = self.viewings.get_key_value(viewing).ok_or(Refusal::UnknownViewing)?;
        let name = Arc::clone(name);
        let known = self.viewings.get_mut(viewing).ok_or(Refusal::UnknownViewing)?;
        if let Some(former) = known.deadline_ms {
            self.agenda.remove(&(former, Entry::Viewing(Arc::clone(&name))));
        }
        known.deadline_ms = deadline_ms;
        if let Some(deadline) = deadline_ms {
            self.agenda.insert((deadline, Entry::Viewing(name)));
        }
        Ok(())
    }

    /// Issues a ticket; a fifth one outstanding for a viewing drops its oldest.
    pub fn issue(
        &mut self,
        viewing: &str,
        ticket: Sha256,
        session: Sha256,
        ttl_ms: u64,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        let (name, _) = self.viewings.get_key_value(viewing).ok_or(Refusal::UnknownViewing)?;
        let name = Arc::clone(name);
        let known = self.viewings.get_mut(viewing).ok_or(Refusal::UnknownViewing)?;
        known.tickets.push_back(ticket);
        let oldest = if known.tickets.len() > TICKETS_A_VIEWING_MAX { known.tickets.pop_front() } else { None };
        if let Some(former) = oldest.and_then(|oldest| self.tickets.remove(&oldest).map(|former| (oldest, former))) {
            self.agenda.remove(&(former.1.expires_ms, Entry::Ticket(former.0)));
        }
        let expires_ms = now_ms.saturating_add(ttl_ms.min(TICKET_TTL_MS_MAX));
        self.tickets.insert(ticket, Ticket { viewing: name, session, expires_ms });
        self.agenda.insert((expires_ms, Entry::Ticket(ticket)));
        Ok(())
    }

    /// Uses a ticket up and gives the viewing `socket`; of many that try, exactly one wins.
    /// Another session's attempt leaves the ticket to its owner.
    pub fn redeem(
        &mut self,
        ticket: &Sha256,
        session: &Sha256,
        socket: (u64, S),
        now_ms: u64,
    ) -> Result<Redeemed<S>, Refusal> {
        let known = self.tickets.get(ticket).ok_or(Refusal::UnknownTicket)?;
        if known.expires_ms <= now_ms {
            return Err(Refusal::UnknownTicket);
        }
        if known.session != *session {
            return Err(Refusal::OtherSession);
        }
        let known = self.tickets.remove(ticket).ok_or(Refusal::UnknownTicket)?;
        self.agenda.remove(&(known.expires_ms, Entry::Ticket(*ticket)));
        let viewing = self.viewings.get_mut(&known.viewing).ok_or(Refusal::UnknownViewing)?;
        viewing.tickets.retain(|other| other != ticket);
        let (number, socket) = socket;
        let replaced = viewing.socket.replace((number, Some(socket))).and_then(|(_, former)| former);
        Ok(Redeemed { viewing: known.viewing, camera: Arc::clone(&viewing.camera), replaced })
    }

    /// Takes a session's unused tickets away: it ended, or another agent took it over. Its viewings and sockets stay.
    pub fn void_tickets(&mut self, session: &Sha256) {
        let void: Vec<Sha256> =
            self.tickets.iter().filter(|(_, known)| known.session == *session).map(|(ticket, _)| *ticket).collect();
        for ticket in void {
            let Some(known) = self.tickets.remove(&ticket) else { continue };
            self.agenda.remove(&(known.expires_ms, Entry::Ticket(ticket)));
            if let Some(viewing) = self.viewings.get_mut(&known.viewing) {
                viewing.tickets.retain(|other| *other != ticket);
            }
        }
    }

    /// A socket is gone. True where it was the viewing's own: the viewing has none now.
    pub fn socket_lost(&mut self, viewing: &str, socket: u64) -> bool {
        match self.viewings.get_mut(viewing) {
            Some(known) if known.socket.as_ref().is_some_and(|(number, _)| *number == socket) => {
                known.socket = None;
                true
            }
            _ => false,
        }
    }

    /// Ends a viewing at once: its deadline and tickets go; its socket is given back.
    pub fn forget(&mut self, viewing: &str) -> Option<Option<S>> {
        let (name, known) = self.viewings.remove_entry(viewing)?;
        if let Some(deadline) = known.deadline_ms {
            self.agenda.remove(&(deadline, Entry::Viewing(name)));
        }
        for ticket in known.tickets {
            if let Some(former) = self.tickets.remove(&ticket) {
                self.agenda.remove(&(former.expires_ms, Entry::Ticket(ticket)));
            }
        }
        Some(known.socket.and_then(|(_, socket)| socket))
    }

    /// Takes the handle of a viewing's socket, which stays the viewing's.
    #[cfg(test)]
    pub fn take_socket(&mut self, viewing: &str) -> Option<Option<S>> {
        self.viewings.get_mut(viewing).map(|known| known.socket.as_mut().and_then(|(_, socket)| socket.take()))
    }

    /// The viewings of one camera.
    pub fn of_camera(&self, camera: &str) -> Vec<Arc<str>> {
        self.viewings.iter().filter(|(_, known)| &*known.camera == camera).map(|(name, _)| Arc::clone(name)).collect()
    }

    /// The viewings that have a socket.
    pub fn connected(&self) -> Vec<Arc<str>> {
        self.viewings.iter().filter(|(_, known)| known.socket.is_some()).map(|(name, _)| Arc::clone(name)).collect()
    }

    /// When something is due next.
    pub fn next_due_ms(&self) -> Option<u64> {
        self.agenda.first().map(|(at, _)| *at)
    }

    /// Takes what is due at `now_ms`.
    pub fn due(&mut self, now_ms: u64) -> Vec<Due<S>> {
        let mut due = Vec::new();
        while self.agenda.first().is_some_and(|(at, _)| *at <= now_ms) {
            match self.agenda.pop_first() {
                Some((_, Entry::Viewing(viewing))) => {
                    if let Some(known) = self.viewings.get_mut(&viewing) {
                        known.deadline_ms = None;
                    }
                    let socket = self.forget(&viewing).flatten();
                    due.push(Due::Deadline { viewing, socket });
                }
                Some((_, Entry::Ticket(ticket))) => {
                    let Some(lapsed) = self.tickets.remove(&ticket) else { continue };
                    let Some(known) = self.viewings.get_mut(&lapsed.viewing) else { continue };
                    known.tickets.retain(|other| *other != ticket);
                    if known.tickets.is_empty() && known.socket.is_none() {
                        due.push(Due::TicketLapsed { viewing: lapsed.viewing });
                    }
                }
                None => break,
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINE: Sha256 = [1; 32];
    const OTHER: Sha256 = [2; 32];

    fn admitted() -> Admissions<&'static str> {
        let mut admissions = Admissions::new(10);
        admissions.admit("v", "cam", Some(10_000), 0).unwrap();
        admissions
    }

    #[test]
    fn a_ticket_is_used_once() {
        let mut admissions = admitted();
        admissions.issue("v", [9; 32], MINE, 30_000, 0).unwrap();
        assert!(admissions.redeem(&[9; 32], &MINE, (1, "a"), 5).is_ok());
        assert_eq!(admissions.redeem(&[9; 32], &MINE, (2, "b"), 6), Err(Refusal::UnknownTicket));
    }

    #[test]
    fn a_sessions_unused_tickets_are_void_at_its_end_and_nobody_elses() {
        let mut admissions = admitted();
        for (ticket, session) in [([7; 32], MINE), ([8; 32], MINE), ([9; 32], OTHER)] {
            admissions.issue("v", ticket, session, 30_000, 0).unwrap();
        }
        admissions.redeem(&[7; 32], &MINE, (1, "a"), 1).unwrap();
        admissions.void_tickets(&MINE);
        assert_eq!(admissions.redeem(&[8; 32], &MINE, (2, "b"), 2), Err(Refusal::UnknownTicket));
        assert_eq!(admissions.connected(), ["v".into()], "a socket that is there stays");
        assert!(admissions.redeem(&[9; 32], &OTHER, (3, "c"), 3).is_ok());
        assert_eq!((admissions.tickets(), admissions.next_due_ms()), (0, Some(10_000)));
    }

    #[test]
    fn a_late_ticket_and_another_sessions_are_refused() {
        let mut admissions = admitted();
        admissions.issue("v", [9; 32], MINE, 3_600_000, 0).unwrap();
        assert_eq!(admissions.redeem(&[9; 32], &OTHER, (1, "a"), 5), Err(Refusal::OtherSession));
        assert_eq!(admissions.redeem(&[9; 32], &MINE, (1, "a"), 30_000), Err(Refusal::UnknownTicket), "capped at 30 s");
        assert!(admissions.redeem(&[9; 32], &MINE, (1, "a"), 29_999).is_ok());
    }

    #[test]
    fn a_later_ticket_replaces_the_socket_of_the_former() {
        let mut admissions = admitted();
        for ticket in [[8; 32], [9; 32]] {
            admissions.issue("v", ticket, MINE, 30_000, 0).unwrap();
        }
        assert_eq!(admissions.redeem(&[8; 32], &MINE, (1, "a"), 1).unwrap().replaced, None);
        assert_eq!(admissions.redeem(&[9; 32], &MINE, (2, "b"), 2).unwrap().replaced, Some("a"));
        assert!(!admissions.socket_lost("v", 1), "the former socket is nobody's loss");
        assert_eq!(admissions.connected(), ["v".into()]);
        assert!(admissions.socket_lost("v", 2));
        assert!(admissions.connected().is_empty());
    }

    #[test]
    fn a_deadline_ends_a_viewing_and_can_only_be_moved_by_extending() {
        let mut admissions = admitted();
        admissions.issue("v", [9; 32], MINE, 30_000, 0).unwrap();
        admissions.redeem(&[9; 32], &MINE, (1, "a"), 1).unwrap();
        admissions.extend("v", 10_000, 8_000).unwrap();
        assert!(admissions.due(10_000).is_empty());
        assert_eq!(admissions.due(18_000), [Due::Deadline { viewing: "v".into(), socket: Some("a") }]);
        assert_eq!(admissions.extend("v", 10_000, 18_001), Err(Refusal::UnknownViewing));
        assert!(admissions.is_empty() && admissions.next_due_ms().is_none());
    }

    #[test]
    fn an_unused_ticket_lapses_but_not_that_of_a_viewing_that_has_a_socket() {
        let mut admissions = Admissions::new(10);
        for viewing in ["seen", "unseen"] {
            admissions.admit(viewing, "cam", None, 0).unwrap();
        }
        admissions.issue("seen", [1; 32], MINE, 30_000, 0).unwrap();
        admissions.redeem(&[1; 32], &MINE, (1, "a"), 1).unwrap();
        admissions.issue("seen", [2; 32], MINE, 30_000, 0).unwrap();
        admissions.issue("unseen", [3; 32], MINE, 30_000, 0).unwrap();
        assert_eq!(admissions.due(30_000), [Due::TicketLapsed { viewing: "unseen".into() }]);
        assert_eq!(admissions.tickets(), 0);
    }

    #[test]
    fn tickets_and_viewings_stay_within_their_bounds() {
        let mut admissions = admitted();
        for ticket in 0..100 {
            admissions.issue("v", [ticket; 32], MINE, 30_000, 0).unwrap();
        }
        assert_eq!(admissions.tickets(), TICKETS_A_VIEWING_MAX);
        for viewing in 0..9 {
            admissions.admit(&viewing.to_string(), "cam", None, 0).unwrap();
        }
        assert_eq!(admissions.admit("one more", "cam", None, 0), Err(Refusal::Full));
        assert_eq!(admissions.forget("v"), Some(None));
        assert_eq!(admissions.tickets(), 0);
    }
}
