"""What a change sets going, once it is durable or waits in the tail: relay, screens, log. Never blocks, never raises."""
