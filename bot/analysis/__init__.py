"""From answers to stored reports: moments kept true, the engine run on them."""
