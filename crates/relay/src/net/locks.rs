//! One way to lock: a panic elsewhere ends its own session only, so what it had locked stays usable.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, even where a session panicked with the lock held.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
