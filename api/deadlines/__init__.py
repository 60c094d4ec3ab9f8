"""What the API shows and takes of time: calendar, clock register, clocks, supervision, who had the ball, figures."""
