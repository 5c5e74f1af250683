using ActionStream.Models.Networks;

namespace ActionStream.Bench.Gpu;

/// <summary>The best that large products of matrices come to on this device, through the same ONNX Runtime.</summary>
/// <param name="Numbers">fp16, tf32 (float32 whose factors are rounded to 10 bits) or fp32.</param>
/// <param name="Size">Rows and columns of each matrix.</param>
/// <param name="Products">In one run, each of what the last one gave.</param>
internal sealed record GpuRoofline(string Numbers, int Size, int Products, double MsPerProduct, double TflopsPerS);

/// <summary>One part of a model at one batch size, fed as the engine feeds it, by one worker.</summary>
/// <param name="Part">window, frame encoder or temporal head.</param>
/// <param name="RowsPerS">Clips, tubelets or decisions a second.</param>
/// <param name="Share">Of the roofline.</param>
internal sealed record GpuPoint(string Preset, string Part, int Batch, double Ms, double RowsPerS, double TflopsPerS, double Share);

/// <summary>How much of the copying goes on while the device computes. Milliseconds per batch of whole windows.</summary>
/// <param name="CopyMs">Of the input alone, past what a run of nothing costs.</param>
/// <param name="ComputeMs">With the input on the device already.</param>
/// <param name="InTurnMs">One worker: copy, compute, copy, …</param>
/// <param name="TwoWorkersMs">As the engine runs on a GPU.</param>
/// <param name="TwoComputeMs">Two workers with their inputs on the device: what they gain without any copying.</param>
/// <param name="Overlap">(copy + compute − two workers) ÷ the smaller of the two, 0 to 1.</param>
/// <param name="CopyOverlap">The same against what two workers compute without copying: copying alone.</param>
internal sealed record GpuOverlap(
    string Preset, int Batch, double CopyMs, double CopyGbPerS, double ComputeMs, double InTurnMs, double TwoWorkersMs,
    double TwoComputeMs, double Overlap, double CopyOverlap);

/// <summary>Cameras at four decisions a second, by what the parts of the model take at their best batch.</summary>
internal sealed record GpuCameras(
    string Preset, int EncoderBatch, int HeadBatch, double DecisionsPerS, int Cameras, int WindowBatch, double WindowsPerS,
    int WholeCameras, double Ratio);

/// <summary>The engine itself, with more windows than it can do: schedule, batches, two workers,
/// copying of frames, answers in order.</summary>
/// <param name="Path">cached tokens or whole windows, as it really ran.</param>
/// <param name="Batch">Most clips in one run.</param>
/// <param name="SelfCheck">Largest difference of a logit between cached tokens and the whole window at the start.</param>
internal sealed record GpuEngine(
    string Preset, string Numbers, string Path, int Batch, int Workers, double DecisionsPerS, int Cameras, double? SelfCheck);

/// <summary>The engine under cameras that do not wait: four decisions a second each, a share of what it can do at most.</summary>
/// <param name="Answered">Share of the windows that were answered within two seconds.</param>
internal sealed record GpuSustained(
    string Preset, int Cameras, double OfferedPerS, double Answered, double AgeP50Ms, double AgeP95Ms, double AgeP99Ms);

/// <summary>Kernels of one part that ran on the CPU although the device was asked for; each costs two copies.</summary>
/// <param name="OnDevice">How many did not.</param>
/// <param name="OnCpu">How many did.</param>
/// <param name="Left">Which of them.</param>
/// <param name="Kinds">Which ran on the device.</param>
internal sealed record GpuPlacement(string Preset, string Part, int OnDevice, int OnCpu, string Left, string Kinds);

/// <summary>The device's answers beside the CPU's in float32, on the same clips.</summary>
internal sealed record GpuAnswers(
    string Preset, string Numbers, int Clips, double MaxLogit, double MaxProbability, double Top1Agreement, double LargestLogit);

/// <summary>A step that came to nothing; the others go on.</summary>
internal sealed record GpuFailure(string Step, string Problem);
