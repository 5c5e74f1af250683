using ActionStream.Publish.Metrics;

namespace ActionStream.Unit.Publish.Metrics;

public sealed class MetricNameTests
{
    [Theory]
    [InlineData("actionstream.camera.frames.received", "{frame}", true, "actionstream_camera_frames_received_total")]
    [InlineData("actionstream.stage.duration", "s", false, "actionstream_stage_duration_seconds")]
    [InlineData("process.cpu", "s", true, "process_cpu_seconds_total")]
    [InlineData("actionstream.gc.allocated", "By", true, "actionstream_gc_allocated_bytes_total")]
    [InlineData("actionstream.window.quality", "1", false, "actionstream_window_quality_ratio")]
    [InlineData("actionstream.window.quality_ratio", "1", false, "actionstream_window_quality_ratio")]
    [InlineData("actionstream.mqtt.connected", null, false, "actionstream_mqtt_connected")]
    [InlineData("actionstream.decisions_total", null, true, "actionstream_decisions_total")]
    [InlineData("9 lives-left", null, false, "_9_lives_left")]
    public void Every_name_carries_its_unit_and_counters_end_in_total(string instrument, string? unit, bool isCounter, string expected) =>
        Assert.Equal(expected, MetricName.Of(instrument, unit, isCounter));
}
