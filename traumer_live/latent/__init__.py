"""Mind: from an embedding to w, and from w to smoothed style rows. numpy only."""
