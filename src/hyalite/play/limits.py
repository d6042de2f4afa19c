"""What a page may ask for at most, so that no request takes memory or time without end."""

from __future__ import annotations

CLASSES = 10  # of points
SAMPLES_OF_A_CLASS = 1000
POINTS = 5000  # painted
ROWS = 100_000  # of a table
PICTURES, TEST_PICTURES = 60_000, 10_000
LAYERS = 24
UNITS = 1024
FILTERS = 256
PARAMETERS = 2_000_000
NUMBERS_OF_A_SAMPLE = 4_000_000  # all outputs of all layers
MULTIPLICATIONS = 50_000_000  # of a forward pass of one sample
BATCH = 100_000
EPOCHS = 1_000_000
SEED = 2**32 - 1
GRID = 400  # pixels a side of a picture
MAP = 100
FIELD = 60
BINS = 200
SAMPLES_LOOKED_AT = 1000  # for histograms and dead units
POINTS_SHOWN = 5000
THETA_SHOWN = 200_000
TRACED_ROWS = 256
TRACED_NUMBERS = 200_000  # of all arrays of a trace
EPOCHS_KEPT = 20_000  # of a history; of more, every second one of the older half
EPOCHS_SHOWN = 2000  # of a history, in one frame
SNAPSHOTS = 200
SNAPSHOT_BYTES = 128 << 20  # of one run
UPLOADS = 4  # kept of a session
COUNT = 100_000  # steps asked for in one request
SESSIONS = 16

JSON_BYTES = 1 << 20
UPLOAD_BYTES = 16 << 20
BODY_SECONDS = 15.0  # for a body to arrive
HEADER_SECONDS = 10.0
CONNECTIONS = 100
ANSWERS = 32  # requests that are worked on at a time
SLICE_SECONDS = 0.003  # of training, before whoever waits has its turn
ADVANCE_SECONDS = 2.0  # a request that trains
IDLE_SECONDS = 3.0  # without a request, until a run in the background pauses
SESSION_SECONDS = 60.0  # without a sign of life, until a session may be dropped for another
LEFT_SECONDS = 60.0  # after the page said that it leaves, until its session is dropped
