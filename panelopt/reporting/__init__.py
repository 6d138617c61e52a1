"""What a report needs beside the result: inputs, origins of numbers, what binds, simulated gates, comparisons."""
