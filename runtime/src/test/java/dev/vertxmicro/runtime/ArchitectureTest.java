// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNCHRONIZED;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What the modules codec, selector, broker and runtime may know of each other and of the machine.
 *
 * <p>The module path keeps the modules apart; these rules keep the packages inside them apart.
 */
@AnalyzeClasses(
    packages = "dev.vertxmicro",
    importOptions = {
      ImportOption.DoNotIncludeTests.class,
      ArchitectureTest.DoNotIncludeTestJars.class
    })
class ArchitectureTest {

  private static final String CODEC = "codec";
  private static final String SELECTOR = "selector";
  private static final String BROKER = "broker";
  private static final String RUNTIME = "runtime";

  @ArchTest
  static final ArchRule codecIsBelowSelectorAndBrokerAndTheseAreBelowRuntime =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("dev.vertxmicro..")
          .layer(CODEC)
          .definedBy(
              "dev.vertxmicro.codec..",
              "dev.vertxmicro.errors..",
              "dev.vertxmicro.metadata..",
              "dev.vertxmicro.time..")
          .layer(SELECTOR)
          .definedBy("dev.vertxmicro.registry..", "dev.vertxmicro.selector..")
          .layer(BROKER)
          .definedBy("dev.vertxmicro.broker..")
          .layer(RUNTIME)
          .definedBy("dev.vertxmicro.runtime..")
          .whereLayer(CODEC)
          .mayNotAccessAnyLayer()
          .whereLayer(SELECTOR)
          .mayOnlyAccessLayers(CODEC)
          .whereLayer(BROKER)
          .mayOnlyAccessLayers(CODEC)
          .whereLayer(RUNTIME)
          .mayNotBeAccessedByAnyLayer()
          .ensureAllClassesAreContainedInArchitecture();

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.vertxmicro.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheTimePackageReadsClocksAndArmsTimers =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.vertxmicro.time")
          .should()
          .accessTargetWhere(
              calls(System.class, "nanoTime", "currentTimeMillis")
                  .or(calls(Instant.class, "now"))
                  .or(calls(LocalDateTime.class, "now"))
                  .or(calls(Clock.class, "systemUTC", "systemDefaultZone"))
                  .or(calls(Vertx.class, "setTimer", "setPeriodic", "timer"))
                  .or(calls(Timer.class, "schedule", "scheduleAtFixedRate"))
                  .or(
                      calls(
                          ScheduledExecutorService.class,
                          "schedule",
                          "scheduleAtFixedRate",
                          "scheduleWithFixedDelay")));

  @ArchTest
  static final ArchRule nothingSleepsOrDrawsFromTheSharedRandom =
      noClasses()
          .should()
          .accessTargetWhere(calls(Thread.class, "sleep").or(calls(Math.class, "random")));

  @ArchTest
  static final ArchRule theCallMachineryHasNoAtomicsAndNoLocks =
      noClasses()
          .that(areCallMachinery())
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.util.concurrent.atomic", "java.util.concurrent.locks");

  @ArchTest
  static final ArchRule theCallMachineryHasNoSynchronizedMethods =
      methods()
          .that()
          .areDeclaredInClassesThat(areCallMachinery())
          .should()
          .notHaveModifier(SYNCHRONIZED);

  @ArchTest
  static final ArchRule retryAndTransportDoNotKnowTheClient =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.vertxmicro.runtime.retry..", "dev.vertxmicro.runtime.transport..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.vertxmicro.runtime");

  @ArchTest
  static final ArchRule namesSayWhatIsSpecial =
      noClasses()
          .should()
          .haveSimpleNameEndingWith("Impl")
          .orShould()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Helper")
          .orShould()
          .haveSimpleNameEndingWith("Manager");

  @ArchTest
  static final ArchRule providersAreInterfaces =
      classes().that().haveSimpleNameEndingWith("Provider").should().beInterfaces();

  /** The classes that run a call on its own context, and what nests in them. */
  private static DescribedPredicate<JavaClass> areCallMachinery() {
    Set<String> names =
        Set.of(
            "Attempt",
            "AttemptHistory",
            "AttemptLoop",
            "AttemptState",
            "CallFailure",
            "CallPlan",
            "CallStream",
            "Decision",
            "Hedging",
            "OneWayCall",
            "Replay",
            "Retrying",
            "StreamCall",
            "UnaryCall");
    return describe(
        "are call machinery",
        type ->
            type.getPackageName().equals("dev.vertxmicro.runtime")
                && names.contains(outermost(type).getSimpleName()));
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(ArchitectureTest::outermost).orElse(type);
  }

  private static DescribedPredicate<JavaAccess<?>> calls(Class<?> owner, String... methods) {
    Set<String> names = Set.of(methods);
    return describe(
        owner.getSimpleName() + "." + String.join("|", methods),
        access ->
            access.getTargetOwner().isAssignableTo(owner)
                && names.contains(access.getTarget().getName()));
  }

  /** Leaves out the fakes that codec ships for tests. */
  static final class DoNotIncludeTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }
}
